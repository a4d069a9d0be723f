//! The sound thread of the PulseAudio backend: reads the server's requests, renders, and writes.
//!
//! Everything is allocated when the stream is made. Messages are read by hand, because only four kinds matter
//! and the protocol crate would allocate for some of the others.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use kira::backend::Renderer;
use pulseaudio::protocol::{self, Command, CommandTag, DESCRIPTOR_SIZE, ProtocolError};

use super::pulse::{DRAIN, Status, UNCORK};

/// Two channels of 32-bit floats.
pub(super) const FRAME_BYTES: usize = 8;
/// The most that is rendered and sent in one message, in frames.
const CHUNK: usize = 512;

/// A stream that is set up and waits to play.
pub(super) struct Stream {
    socket: UnixStream,
    channel: u32,
    status: Arc<Status>,
    /// What the server has asked for and not got yet, in bytes.
    owed: usize,
    sound: Vec<f32>,
    message: Vec<u8>,
    uncork: Vec<u8>,
    drain: Vec<u8>,
}

/// What the server says, as far as it matters.
enum News {
    Request(usize),
    Underflow,
    Overflow,
    Killed,
    Answer(u32),
    Refusal(u32),
    Other,
}

impl Stream {
    /// Makes all buffers. `owed` is what the server asked for when it made the stream, in bytes.
    pub fn new(
        socket: UnixStream,
        channel: u32,
        owed: u32,
        status: Arc<Status>,
    ) -> Result<Self, ProtocolError> {
        let encode = |number, command: &Command| {
            let mut bytes = Vec::new();
            protocol::encode_command_message(&mut bytes, number, command, protocol::MAX_VERSION)?;
            Ok::<_, ProtocolError>(bytes)
        };
        let release = protocol::CorkStreamParams { channel, cork: false };
        Ok(Self {
            socket,
            channel,
            status,
            owed: owed as usize,
            sound: vec![0.0; CHUNK * 2],
            message: vec![0; DESCRIPTOR_SIZE + CHUNK * FRAME_BYTES],
            uncork: encode(UNCORK, &Command::CorkPlaybackStream(release))?,
            drain: encode(DRAIN, &Command::DrainPlaybackStream(channel))?,
        })
    }

    /// Plays until it is told to stop or the server is gone, and hands the renderer back.
    pub fn play(mut self, mut renderer: Renderer) -> Renderer {
        // The reason does not matter to the one who asks: there is no more sound here, whatever it was.
        let _ = self.serve(&mut renderer);
        self.status.alive.store(false, Ordering::Release);
        renderer
    }

    fn serve(&mut self, renderer: &mut Renderer) -> io::Result<()> {
        self.pay(renderer, false)?;
        self.socket.write_all(&self.uncork)?;
        let mut faded = false;
        loop {
            match self.listen()? {
                News::Request(bytes) => {
                    self.owed = self.owed.saturating_add(bytes);
                    if faded {
                        continue;
                    }
                    faded = self.status.stop.load(Ordering::Acquire) && self.owed >= FRAME_BYTES;
                    self.pay(renderer, faded)?;
                    if faded {
                        self.socket.write_all(&self.drain)?;
                    }
                }
                News::Underflow => {
                    self.status.underruns.fetch_add(1, Ordering::Relaxed);
                }
                News::Overflow => {
                    self.status.overruns.fetch_add(1, Ordering::Relaxed);
                }
                News::Killed | News::Answer(DRAIN) | News::Refusal(UNCORK | DRAIN) => return Ok(()),
                News::Answer(_) | News::Refusal(_) | News::Other => {}
            }
        }
    }

    /// Renders and sends all whole frames that are owed; with `fade`, falling to silence over the first chunk and
    /// silent after it.
    fn pay(&mut self, renderer: &mut Renderer, fade: bool) -> io::Result<()> {
        let mut first = true;
        while self.owed >= FRAME_BYTES {
            let frames = (self.owed / FRAME_BYTES).min(CHUNK);
            let sound = &mut self.sound[..frames * 2];
            if fade && !first {
                sound.fill(0.0);
            } else {
                renderer.on_start_processing();
                renderer.process(sound, 2);
            }
            if fade && first {
                for (i, frame) in sound.chunks_exact_mut(2).enumerate() {
                    let gain = 1.0 - (i + 1) as f32 / frames as f32;
                    frame.iter_mut().for_each(|sample| *sample *= gain);
                }
            }
            first = false;

            let bytes = frames * FRAME_BYTES;
            let message = &mut self.message[..DESCRIPTOR_SIZE + bytes];
            // Payload length, channel, offset (64 bit), flags: all big-endian.
            message[..DESCRIPTOR_SIZE].fill(0);
            message[..4].copy_from_slice(&(bytes as u32).to_be_bytes());
            message[4..8].copy_from_slice(&self.channel.to_be_bytes());
            for (to, sample) in message[DESCRIPTOR_SIZE..].chunks_exact_mut(4).zip(&*sound) {
                to.copy_from_slice(&sample.to_le_bytes());
            }
            self.socket.write_all(message)?;
            self.owed -= bytes;
        }
        Ok(())
    }

    /// Waits for the next message.
    fn listen(&mut self) -> io::Result<News> {
        let mut head = [0; DESCRIPTOR_SIZE];
        self.socket.read_exact(&mut head)?;
        let word = |bytes: &[u8], at: usize| {
            bytes.get(at..at + 4).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
        };
        let length = word(&head, 0) as usize;
        let mut body = [0; 64];
        let kept = length.min(body.len());
        self.socket.read_exact(&mut body[..kept])?;
        let mut rest = length - kept;
        while rest > 0 {
            let mut skipped = [0; 256];
            let step = rest.min(skipped.len());
            self.socket.read_exact(&mut skipped[..step])?;
            rest -= step;
        }
        // A control message is a row of tagged values, each of ours a 'L' and a big-endian word:
        // the command, its number, then the stream and what belongs to it.
        let values = [1, 6, 11, 16].map(|at| {
            let tagged = at + 4 <= kept && body[at - 1] == b'L';
            if tagged { word(&body, at) } else { u32::MAX }
        });
        let [command, number, channel, value] = values;
        if word(&head, 4) != u32::MAX {
            return Ok(News::Other);
        }
        let ours = channel == self.channel;
        let is = |tag: CommandTag| command == tag as u32;
        Ok(match () {
            () if is(CommandTag::Reply) => News::Answer(number),
            () if is(CommandTag::Error) => News::Refusal(number),
            () if !ours => News::Other,
            () if is(CommandTag::Request) && value != u32::MAX => News::Request(value as usize),
            () if is(CommandTag::Underflow) => News::Underflow,
            () if is(CommandTag::Overflow) => News::Overflow,
            () if is(CommandTag::PlaybackStreamKilled) => News::Killed,
            () => News::Other,
        })
    }
}
