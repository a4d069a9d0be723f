//! The PulseAudio protocol, spoken in pure Rust: PulseAudio itself and PipeWire serve it.
//!
//! One socket, one thread. Setting up is done on the caller's thread; then the thread belongs to the sound: it
//! waits for the server's request for so many bytes, renders exactly those, writes them, and waits again. That
//! loop has its buffers beforehand and neither allocates nor locks. (The crate `pulseaudio` has a client of its
//! own, but that one clears a megabyte at every turn and does not tell when the server ends the stream; only its
//! message types are used here.)
//!
//! The stream starts corked: the buffer is filled first and released then, so the first frame rendered is the
//! first frame heard. After an underrun the server waits until the buffer is full again: sound comes late, none
//! is lost. Stopping fades out over one block and lets the server play what it holds.

use std::ffi::CString;
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use kira::backend::{Backend, Renderer};
use pulseaudio::protocol::{self, Command, ProtocolError, PulseError};
use pulseaudio::{cookie_path_from_env, socket_path_from_env};
use thiserror::Error;

use super::pulse_stream::{FRAME_BYTES, Stream};

/// How long the server may take for one answer while the stream is set up.
const ANSWER_TIME: Duration = Duration::from_secs(2);
/// How long stopping waits for the server to play what it holds; then the connection is cut.
const DRAIN_TIME: Duration = Duration::from_millis(300);

/// Sequence numbers of the two orders the sound thread gives.
pub(super) const UNCORK: u32 = 10;
pub(super) const DRAIN: u32 = 11;

/// Why there is no sound through PulseAudio. Each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PulseProblem {
    /// No server is running, or not where it was looked for.
    #[error("no PulseAudio server was found")]
    NoServer,
    /// The socket is there but does not let us in. The reason is inside.
    #[error(
        "the PulseAudio server refused the connection ({0}): check that it runs as this user, or PULSE_COOKIE"
    )]
    Refused(String),
    /// The server answered with an error, or not at all. What it said is inside.
    #[error("the PulseAudio server failed ({0}): check `pactl info`, and restart the server if need be")]
    Server(String),
}

/// Settings of the [`PulseBackend`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PulseSettings {
    /// Frames per second; the server resamples if the device runs at another rate.
    pub sample_rate: u32,
    /// The latency asked for, in frames, device included. The server may grant more.
    pub latency: u32,
}

impl Default for PulseSettings {
    /// 48 000 Hz, 512 frames (10.7 ms).
    fn default() -> Self {
        Self { sample_rate: 48_000, latency: 512 }
    }
}

/// The least that the server asks for at a time, in frames.
const MIN_REQUEST: u32 = 128;

/// What the sound thread tells.
#[derive(Debug)]
pub(super) struct Status {
    /// The connection and the stream exist.
    pub alive: AtomicBool,
    /// An orderly end is wanted.
    pub stop: AtomicBool,
    /// How often the server ran out of sound.
    pub underruns: AtomicU32,
    /// How often the server had no room for what we sent.
    pub overruns: AtomicU32,
}

/// A kira backend on a PulseAudio server. Its thread and its stream end when it is dropped.
pub struct PulseBackend {
    socket: UnixStream,
    status: Arc<Status>,
    /// Until it is started.
    stream: Option<Stream>,
    thread: Option<JoinHandle<Option<Renderer>>>,
    latency: u32,
}

impl PulseBackend {
    /// Connects to the server that the environment names and prepares a stream, corked. Blocks for a few
    /// milliseconds; at worst a few seconds, with a server that hangs.
    ///
    /// # Errors
    /// [`PulseProblem`], if no server plays.
    pub fn connect(settings: PulseSettings) -> Result<Self, PulseProblem> {
        let path = socket_path_from_env().ok_or(PulseProblem::NoServer)?;
        let socket = UnixStream::connect(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => PulseProblem::NoServer,
            _ => PulseProblem::Refused(error.to_string()),
        })?;
        let io = |error: std::io::Error| PulseProblem::Server(error.to_string());
        socket.set_read_timeout(Some(ANSWER_TIME)).map_err(io)?;
        socket.set_write_timeout(Some(ANSWER_TIME)).map_err(io)?;
        let reply = open_stream(&mut &socket, settings)?;
        socket.set_read_timeout(None).map_err(io)?;

        let status = Arc::new(Status {
            alive: AtomicBool::new(true),
            stop: AtomicBool::new(false),
            underruns: AtomicU32::new(0),
            overruns: AtomicU32::new(0),
        });
        let latency = reply.buffer_attr.target_length / FRAME_BYTES as u32;
        let own = socket.try_clone().map_err(io)?;
        let stream = Stream::new(own, reply.channel, reply.requested_bytes, Arc::clone(&status))
            .map_err(|error| failed(&error))?;
        Ok(Self { socket, status, stream: Some(stream), thread: None, latency })
    }

    /// Whether the stream still exists. False once the server has gone away or has ended the stream: nothing is
    /// rendered any more.
    pub fn is_alive(&self) -> bool {
        self.status.alive.load(Ordering::Acquire)
    }

    /// How often the server ran out of sound since the start.
    pub fn underruns(&self) -> u32 {
        self.status.underruns.load(Ordering::Relaxed)
    }

    /// How often the server had no room for the sound it asked for. Stays 0 with a sound server.
    pub fn overruns(&self) -> u32 {
        self.status.overruns.load(Ordering::Relaxed)
    }

    /// The server's buffer for us in frames, as it was granted. The device's own latency comes on top.
    pub fn buffer(&self) -> u32 {
        self.latency
    }

    /// Starts to play.
    ///
    /// # Errors
    /// Gives the renderer back if the system has no thread for it, or if it was started before.
    pub(super) fn run(&mut self, renderer: Renderer) -> Result<(), (PulseProblem, Box<Renderer>)> {
        let Some(stream) = self.stream.take() else {
            return Err((
                PulseProblem::Server("the stream was started before".to_owned()),
                Box::new(renderer),
            ));
        };
        // By a channel, so that the renderer survives a thread that does not start.
        let (hand, take) = std::sync::mpsc::sync_channel::<Renderer>(1);
        let body = move || Some(stream.play(take.recv().ok()?));
        match std::thread::Builder::new().name("tonmeister-pulse".to_owned()).spawn(body) {
            Ok(thread) => self.thread = Some(thread),
            Err(error) => return Err((PulseProblem::Server(error.to_string()), Box::new(renderer))),
        }
        hand.send(renderer)
            .map_err(|back| (PulseProblem::Server("its thread ended".to_owned()), Box::new(back.0)))
    }

    /// Fades out, lets the server play what it holds, ends the thread and hands back the renderer as it stands.
    /// Takes about the latency; with a server that does not answer, 0.3 s.
    pub(super) fn stop(&mut self) -> Option<Renderer> {
        let thread = self.thread.take()?;
        self.status.stop.store(true, Ordering::Release);
        let begun = Instant::now();
        while !thread.is_finished() && begun.elapsed() < DRAIN_TIME {
            std::thread::sleep(Duration::from_millis(1));
        }
        // Wakes the thread if it still waits for the server. An error means that the server is gone already.
        let _ = self.socket.shutdown(Shutdown::Both);
        thread.join().ok().flatten()
    }
}

impl Backend for PulseBackend {
    type Settings = PulseSettings;
    type Error = PulseProblem;

    fn setup(settings: Self::Settings, _block: usize) -> Result<(Self, u32), Self::Error> {
        Ok((Self::connect(settings)?, settings.sample_rate))
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), Self::Error> {
        self.run(renderer).map_err(|(problem, _)| problem)
    }
}

impl Drop for PulseBackend {
    fn drop(&mut self) {
        drop(self.stop());
    }
}

/// Introduces us to the server and makes a stream that waits for its release.
fn open_stream(
    socket: &mut (impl Read + Write),
    settings: PulseSettings,
) -> Result<protocol::CreatePlaybackStreamReply, PulseProblem> {
    let cookie = cookie_path_from_env().and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
    let version = protocol::MAX_VERSION;
    let auth = protocol::AuthParams { version, supports_shm: false, supports_memfd: false, cookie };
    let reply: protocol::AuthReply = ask(socket, 0, &Command::Auth(auth), version)?;
    let version = version.min(reply.version);

    let mut about = protocol::Props::new();
    let name = std::env::current_exe().ok();
    let name =
        name.as_deref().and_then(|path| path.file_stem()).map(|stem| stem.to_string_lossy().into_owned());
    let name = CString::new(name.unwrap_or_default()).unwrap_or_default();
    about.set(protocol::Prop::ApplicationName, name.as_c_str());
    if let Ok(id) = CString::new(std::process::id().to_string()) {
        about.set(protocol::Prop::ApplicationProcessId, id);
    }
    let _: protocol::SetClientNameReply = ask(socket, 1, &Command::SetClientName(about), version)?;

    let mut about = protocol::Props::new();
    about.set(protocol::Prop::MediaName, c"game audio");
    about.set(protocol::Prop::MediaRole, c"game");
    let frame = FRAME_BYTES as u32;
    // Pre-buffering stays at the server's default, the whole buffer: that is what keeps the first frame.
    let buffer_attr = protocol::stream::BufferAttr {
        target_length: settings.latency.max(2 * MIN_REQUEST).saturating_mul(frame),
        minimum_request_length: MIN_REQUEST * frame,
        ..Default::default()
    };
    let stream = protocol::PlaybackStreamParams {
        sample_spec: protocol::SampleSpec {
            format: protocol::SampleFormat::Float32Le,
            channels: 2,
            sample_rate: settings.sample_rate,
        },
        channel_map: protocol::ChannelMap::stereo(),
        buffer_attr,
        props: about,
        flags: protocol::stream::StreamFlags {
            start_corked: true,
            adjust_latency: true,
            ..Default::default()
        },
        ..Default::default()
    };
    ask(socket, 2, &Command::CreatePlaybackStream(stream), version)
}

/// Sends one order and waits for its answer.
fn ask<R: protocol::CommandReply>(
    socket: &mut (impl Read + Write),
    sequence: u32,
    command: &Command,
    version: u16,
) -> Result<R, PulseProblem> {
    protocol::write_command_message(socket, sequence, command, version).map_err(|error| failed(&error))?;
    loop {
        let mut message = vec![0; protocol::DESCRIPTOR_SIZE];
        let io = |error: std::io::Error| failed(&ProtocolError::Io(error));
        socket.read_exact(&mut message).map_err(io)?;
        let length =
            protocol::read_descriptor(&mut message.as_slice()).map_err(|error| failed(&error))?.length;
        if length as usize > protocol::MAX_MEMBLOCKQ_LENGTH {
            return Err(PulseProblem::Server(format!("it announced a message of {length} bytes")));
        }
        message.resize(protocol::DESCRIPTOR_SIZE + length as usize, 0);
        socket.read_exact(&mut message[protocol::DESCRIPTOR_SIZE..]).map_err(io)?;
        match protocol::read_reply_message(&mut message.as_slice(), version) {
            Ok((number, reply)) if number == sequence => return Ok(reply),
            // An answer to something else, or news that nobody asked for.
            Ok(_) | Err(ProtocolError::UnexpectedCommand(_)) => {}
            Err(error) => return Err(failed(&error)),
        }
    }
}

/// A protocol error in our words.
fn failed(error: &ProtocolError) -> PulseProblem {
    match error {
        ProtocolError::ServerError(
            why @ (PulseError::AccessDenied | PulseError::AuthKey | PulseError::ConnectionRefused),
        ) => PulseProblem::Refused(format!("{why:?}")),
        ProtocolError::ServerError(PulseError::NoEntity) => {
            PulseProblem::Server("it has no output".to_owned())
        }
        ProtocolError::ServerError(why) => PulseProblem::Server(format!("{why:?}")),
        ProtocolError::Io(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            PulseProblem::Server(format!("no answer within {} s", ANSWER_TIME.as_secs()))
        }
        other => PulseProblem::Server(other.to_string()),
    }
}
