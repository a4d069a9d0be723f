//! The backend of a running game: the system's sound if there is any, else a silent clock that keeps trying.

#[cfg(target_os = "linux")]
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
#[cfg(target_os = "linux")]
use std::time::{Duration, Instant};

use kira::backend::{Backend, Renderer};
use thiserror::Error;

#[cfg(target_os = "linux")]
use super::pulse::{PulseBackend, PulseProblem, PulseSettings};
use super::silent::SilentBackend;

/// How long to wait between two attempts to reach a sound server.
#[cfg(target_os = "linux")]
const RETRY: Duration = Duration::from_secs(2);

/// Settings of the [`DeviceBackend`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceSettings {
    /// Frames per second that are wanted. PulseAudio and the silent clock keep it; cpal takes the device's own,
    /// which `AudioManager` then reports.
    pub sample_rate: u32,
    /// The latency asked of a PulseAudio server, in frames; it may grant more. cpal takes the device's own.
    pub latency: u32,
    /// Whether no device at all is good enough: then the clock runs silently.
    pub allow_silent: bool,
}

impl Default for DeviceSettings {
    /// 48 000 Hz, 512 frames, silence allowed.
    fn default() -> Self {
        Self { sample_rate: 48_000, latency: 512, allow_silent: true }
    }
}

/// Why there is no sound, in full, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct DeviceProblem(String);

/// What [`DeviceBackend::tend`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The device went away; the clock runs silently.
    Lost,
    /// There is a device again, and the sound goes on where the clock stands.
    Found,
}

/// The sound of the system, chosen when it is set up: on Linux a PulseAudio server, then cpal if the crate is
/// built with it; elsewhere cpal; and if nothing works and it is allowed, a silent clock.
pub struct DeviceBackend {
    output: Output,
    sample_rate: u32,
    problem: Option<String>,
    #[cfg(target_os = "linux")]
    latency: u32,
    #[cfg(target_os = "linux")]
    allow_silent: bool,
    #[cfg(target_os = "linux")]
    attempt: Attempt,
}

enum Output {
    #[cfg(target_os = "linux")]
    Pulse(PulseBackend),
    #[cfg(any(feature = "cpal", not(target_os = "linux")))]
    Cpal(kira::backend::cpal::CpalBackend),
    Silent(SilentBackend),
}

/// The search for a server, on a thread of its own, so that a server that hangs holds up nobody.
#[cfg(target_os = "linux")]
enum Attempt {
    Waiting(Instant),
    // Locked by nobody: the receiver is only asked, never waited for. `Sync` needs the mutex.
    Running(std::sync::Mutex<Receiver<Result<PulseBackend, PulseProblem>>>),
}

impl DeviceBackend {
    /// What plays, for a status line: `PulseAudio, 48000 Hz`, or `no device: silent clock`.
    pub fn description(&self) -> String {
        match &self.output {
            #[cfg(target_os = "linux")]
            Output::Pulse(_) => format!("PulseAudio, {} Hz", self.sample_rate),
            #[cfg(any(feature = "cpal", not(target_os = "linux")))]
            Output::Cpal(_) => format!("cpal, {} Hz", self.sample_rate),
            Output::Silent(_) => "no device: silent clock".to_owned(),
        }
    }

    /// Frames per second: what was asked for, or the device's own.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// Why there is no device, and how to get one; `None` while one plays.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Whether somebody can hear it: false for the silent clock, and for a server that has just gone.
    pub fn is_audible(&self) -> bool {
        match &self.output {
            #[cfg(target_os = "linux")]
            Output::Pulse(pulse) => pulse.is_alive(),
            #[cfg(any(feature = "cpal", not(target_os = "linux")))]
            Output::Cpal(_) => true,
            Output::Silent(_) => false,
        }
    }

    /// How often the device ran out of sound, if the backend knows.
    pub fn underruns(&self) -> u32 {
        match &self.output {
            #[cfg(target_os = "linux")]
            Output::Pulse(pulse) => pulse.underruns(),
            _ => 0,
        }
    }

    /// Looks after the device; call it once a frame or so, from the game's side. It never waits for a server.
    ///
    /// When the server is gone, the same renderer goes on silently, and every two seconds a server is looked for;
    /// when there is one, the renderer moves there. Nothing that plays is lost. (cpal looks after its devices
    /// itself.)
    pub fn tend(&mut self) -> Option<Change> {
        #[cfg(target_os = "linux")]
        {
            self.tend_pulse()
        }
        #[cfg(not(target_os = "linux"))]
        {
            None
        }
    }

    #[cfg(target_os = "linux")]
    fn tend_pulse(&mut self) -> Option<Change> {
        match &mut self.output {
            Output::Pulse(pulse) if !pulse.is_alive() && self.allow_silent => {
                let renderer = pulse.stop();
                self.be_silent(renderer, "the PulseAudio server went away");
                Some(Change::Lost)
            }
            Output::Silent(_) => {
                let pulse = self.look_for_server()?;
                self.move_to(pulse)
            }
            _ => None,
        }
    }

    #[cfg(target_os = "linux")]
    fn be_silent(&mut self, renderer: Option<Renderer>, why: &str) {
        let mut silent = SilentBackend::new(self.sample_rate);
        if let Some(renderer) = renderer {
            silent.run(renderer);
        }
        self.output = Output::Silent(silent);
        self.problem = Some(no_device(why));
        self.attempt = Attempt::Waiting(Instant::now());
    }

    /// Starts an attempt when it is time, or sees whether the running one has come to something.
    #[cfg(target_os = "linux")]
    fn look_for_server(&mut self) -> Option<PulseBackend> {
        match &mut self.attempt {
            Attempt::Waiting(since) if since.elapsed() < RETRY => None,
            Attempt::Waiting(_) => {
                let (send, receive) = sync_channel(1);
                let settings = PulseSettings { sample_rate: self.sample_rate, latency: self.latency };
                let work = move || drop(send.send(PulseBackend::connect(settings)));
                let thread = std::thread::Builder::new().name("tonmeister-connect".to_owned());
                self.attempt = match thread.spawn(work) {
                    Ok(_) => Attempt::Running(std::sync::Mutex::new(receive)),
                    Err(_) => Attempt::Waiting(Instant::now()),
                };
                None
            }
            Attempt::Running(receive) => {
                let answer = receive.get_mut().ok()?.try_recv();
                if matches!(answer, Err(TryRecvError::Empty)) {
                    return None;
                }
                self.attempt = Attempt::Waiting(Instant::now());
                answer.ok()?.ok()
            }
        }
    }

    /// Moves the sound from the silent clock to a server.
    #[cfg(target_os = "linux")]
    fn move_to(&mut self, mut pulse: PulseBackend) -> Option<Change> {
        let Output::Silent(silent) = &mut self.output else {
            return None;
        };
        let renderer = silent.stop()?;
        match pulse.run(renderer) {
            Ok(()) => {
                self.output = Output::Pulse(pulse);
                self.problem = None;
                Some(Change::Found)
            }
            Err((_, renderer)) => {
                silent.run(*renderer);
                None
            }
        }
    }
}

/// The full text of a problem. Names the two ways to a device.
fn no_device(why: &str) -> String {
    if cfg!(any(feature = "cpal", not(target_os = "linux"))) {
        format!("no sound device: {why}")
    } else {
        format!(
            "no sound device: {why}. Start a PulseAudio or PipeWire server (or point PULSE_SERVER at one), or build \
             with `--features cpal` for ALSA or JACK"
        )
    }
}

impl Backend for DeviceBackend {
    type Settings = DeviceSettings;
    type Error = DeviceProblem;

    #[cfg_attr(
        not(any(feature = "cpal", not(target_os = "linux"))),
        expect(unused_variables, reason = "only cpal asks for the block")
    )]
    fn setup(settings: Self::Settings, block: usize) -> Result<(Self, u32), Self::Error> {
        let mut reasons: Vec<String> = Vec::new();
        let make = |output, sample_rate, problem| {
            let backend = Self {
                output,
                sample_rate,
                problem,
                #[cfg(target_os = "linux")]
                latency: settings.latency,
                #[cfg(target_os = "linux")]
                allow_silent: settings.allow_silent,
                #[cfg(target_os = "linux")]
                attempt: Attempt::Waiting(Instant::now()),
            };
            Ok((backend, sample_rate))
        };
        #[cfg(target_os = "linux")]
        match PulseBackend::connect(PulseSettings {
            sample_rate: settings.sample_rate,
            latency: settings.latency,
        }) {
            Ok(pulse) => return make(Output::Pulse(pulse), settings.sample_rate, None),
            Err(problem) => reasons.push(problem.to_string()),
        }
        #[cfg(any(feature = "cpal", not(target_os = "linux")))]
        match kira::backend::cpal::CpalBackend::setup(Default::default(), block) {
            Ok((cpal, sample_rate)) => return make(Output::Cpal(cpal), sample_rate, None),
            Err(problem) => reasons.push(problem.to_string()),
        }
        let problem = no_device(&reasons.join("; "));
        if settings.allow_silent {
            make(
                Output::Silent(SilentBackend::new(settings.sample_rate)),
                settings.sample_rate,
                Some(problem),
            )
        } else {
            Err(DeviceProblem(problem))
        }
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), Self::Error> {
        match &mut self.output {
            #[cfg(target_os = "linux")]
            Output::Pulse(pulse) => match pulse.run(renderer) {
                Ok(()) => {}
                Err((problem, renderer)) if self.allow_silent => {
                    self.be_silent(Some(*renderer), &problem.to_string());
                }
                Err((problem, _)) => return Err(DeviceProblem(no_device(&problem.to_string()))),
            },
            #[cfg(any(feature = "cpal", not(target_os = "linux")))]
            Output::Cpal(cpal) => {
                cpal.start(renderer).map_err(|problem| DeviceProblem(no_device(&problem.to_string())))?;
            }
            Output::Silent(silent) => silent.run(renderer),
        }
        Ok(())
    }
}
