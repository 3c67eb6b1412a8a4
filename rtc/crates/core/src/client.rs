//! One participant at the far end: recorder, relay, load test.
//!
//! All clients of a process share one engine thread, see `client_engine`.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::client_engine::{ClientEngine, Command, Running};
use crate::counters::{Counters, Total};
use crate::events::EventQueue;
use crate::interfaces;
use crate::media::{CodecName, Kind, Proto};
use crate::transport_str0m::{FrameConfig, FrameTransport, ReceivedFrame, Refusal};
use crate::udp::UdpPort;

const EVENT_LIMIT: usize = 8 * 1024;
/// The port of candidates that only connect outwards (RFC 6544 §4.1).
pub(crate) const DISCARD_PORT: u16 = 9;

#[derive(Debug, Clone)]
pub struct ClientConfig {
    pub send: Vec<(Kind, CodecName)>,
    pub receive_audio: usize,
    pub receive_video: usize,
    pub bind: IpAddr,
    pub tcp_only: bool,
    /// Count received frames instead of handing them over.
    pub discard_media: bool,
}

#[derive(Debug)]
pub enum ClientEvent {
    Connected { transport: Proto },
    Closed { reason: &'static str },
    Frame(ReceivedFrame),
    Estimate { bps: u64 },
    KeyframeRequested { mid: String, rid: Option<String> },
}

pub struct Client {
    id: u64,
    engine: Arc<ClientEngine>,
    waiting: Mutex<Option<Running>>,
    offer: String,
    send_mids: Vec<String>,
    receive_mids: Vec<(String, Kind)>,
    counters: Arc<Counters>,
    events: Arc<EventQueue<ClientEvent>>,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

impl Client {
    pub fn new(config: &ClientConfig) -> io::Result<Client> {
        let engine = ClientEngine::shared()?;
        let now = Instant::now();
        let ips = interfaces::reachable(config.bind)?;
        let (udp, port, proto) = if config.tcp_only {
            (None, DISCARD_PORT, Proto::Tcp)
        } else {
            let udp = UdpPort::bind(SocketAddr::new(config.bind, 0))?;
            let port = udp.local_address()?.port();
            (Some(udp), port, Proto::Udp)
        };
        let candidates = ips
            .iter()
            .map(|ip| (proto, SocketAddr::new(*ip, port)))
            .collect();
        let transport = FrameTransport::new(
            &FrameConfig {
                send: config.send.clone(),
                receive_audio: config.receive_audio,
                receive_video: config.receive_video,
                candidates,
            },
            now,
        );
        let counters = Arc::new(Counters::default());
        let events = Arc::new(EventQueue::new(EVENT_LIMIT)?);
        Ok(Client {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            engine,
            offer: transport.offer().to_owned(),
            send_mids: transport.send_mids(),
            receive_mids: transport.receive_mids(),
            waiting: Mutex::new(Some(Running::new(
                transport,
                udp,
                config.discard_media,
                counters.clone(),
                events.clone(),
                now,
            ))),
            counters,
            events,
        })
    }

    pub fn offer(&self) -> &str {
        &self.offer
    }

    pub fn send_mids(&self) -> &[String] {
        &self.send_mids
    }

    pub fn receive_mids(&self) -> &[(String, Kind)] {
        &self.receive_mids
    }

    /// Takes the answer and starts connecting.
    pub fn accept(&self, answer: &str) -> Result<(), Refusal> {
        let mut waiting = self.waiting();
        let running = waiting
            .as_mut()
            .ok_or_else(|| Refusal::new("bad_sdp", "an answer was already accepted"))?;
        running.accept(answer)?;
        if let Some(running) = waiting.take() {
            self.engine
                .command(Command::Add(self.id, Box::new(running)));
        }
        Ok(())
    }

    pub fn descriptor(&self) -> i32 {
        self.events.descriptor()
    }

    pub fn drain(&self, limit: usize) -> Vec<ClientEvent> {
        self.events.drain(limit)
    }

    pub fn send_frame(&self, mid: &str, data: Arc<[u8]>, capture_us: i64) {
        let captured = instant_of(capture_us);
        self.engine
            .command(Command::SendFrame(self.id, mid.to_owned(), data, captured));
    }

    pub fn request_keyframe(&self, mid: &str) {
        self.engine
            .command(Command::RequestKeyframe(self.id, mid.to_owned()));
    }

    pub fn counters(&self) -> Vec<(&'static str, u64)> {
        let read = |label, total| (label, self.counters.get(total));
        vec![
            read("packets_in", Total::PacketsIn),
            read("packets_out", Total::PacketsOut),
            read("bytes_in", Total::BytesIn),
            read("bytes_out", Total::BytesOut),
            read("frames_in", Total::FramesIn),
            read("frames_lost", Total::FramesLost),
            read("nacks_out", Total::NacksOut),
            ("engine_cpu_us", self.engine.cpu_us()),
        ]
    }

    /// Says goodbye and lets go of the socket. Idempotent.
    pub fn close(&self) {
        self.waiting().take();
        self.engine.command(Command::Close(self.id));
    }

    fn waiting(&self) -> MutexGuard<'_, Option<Running>> {
        self.waiting.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.close();
    }
}

fn unix_now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// The moment of a wall clock time, never in the future.
fn instant_of(unix_us: i64) -> Instant {
    let now = Instant::now();
    let age_us = (unix_now().as_micros() as i64).saturating_sub(unix_us);
    let age = Duration::from_micros(age_us.max(0) as u64);
    now.checked_sub(age).unwrap_or(now)
}

/// Wall clock time of a moment, microseconds since the Unix epoch.
pub fn unix_us_of(moment: Instant) -> i64 {
    let age = Instant::now().saturating_duration_since(moment);
    unix_now().saturating_sub(age).as_micros() as i64
}
