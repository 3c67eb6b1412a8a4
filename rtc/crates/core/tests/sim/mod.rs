//! Publisher, forwarder and receiver on virtual time, joined by a seeded bad line.

#![allow(dead_code)] // each test file uses its own part

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tongke_rtc::counters::{Counters, Total};
use tongke_rtc::events::{Event, EventQueue};
use tongke_rtc::media::{CodecName, Kind, Negotiated, Proto};
use tongke_rtc::peer::NewPeer;
use tongke_rtc::routes::LayerName;
use tongke_rtc::shard::{Origin, Shard};
use tongke_rtc::transport_str0m::{
    AcceptConfig, FrameConfig, FrameEvent, FramePoll, FrameTransport, PeerTransport, ReceivedFrame,
};

pub const SERVER: ([u8; 4], u16) = ([10, 0, 0, 9], 9_000);

pub fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// One direction of everything between an end and the forwarder.
#[derive(Debug, Clone, Copy, Default)]
pub struct Line {
    pub delay: Duration,
    /// Added at random, up to this: packets overtake each other.
    pub jitter: Duration,
    /// 0..1000, independent losses per thousand.
    pub loss: u64,
    /// Chance per thousand that a burst of losses begins, and its length.
    pub burst: u64,
    pub burst_packets: u64,
}

/// xorshift64*: small, seeded, the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % limit.max(1)
    }
}

/// What an end can do; two kinds of ends exist in these tests.
pub trait Endpoint {
    fn receive(&mut self, now: Instant, source: SocketAddr, local: SocketAddr, buf: &[u8]);
    fn timeout(&mut self, now: Instant);
    fn poll(&mut self) -> FramePoll;
    fn send(&mut self, layer: &str, data: Arc<[u8]>, now: Instant);
    fn ask_keyframe(&mut self, _mid: &str) {}
}

impl Endpoint for FrameTransport {
    fn receive(&mut self, now: Instant, source: SocketAddr, local: SocketAddr, buf: &[u8]) {
        FrameTransport::receive(self, now, Proto::Udp, source, local, buf).unwrap();
    }

    fn timeout(&mut self, now: Instant) {
        FrameTransport::timeout(self, now).unwrap();
    }

    fn poll(&mut self) -> FramePoll {
        FrameTransport::poll(self).unwrap()
    }

    fn send(&mut self, layer: &str, data: Arc<[u8]>, now: Instant) {
        self.send_frame(layer, data, now).unwrap();
    }

    fn ask_keyframe(&mut self, mid: &str) {
        self.request_keyframe(mid);
    }
}

pub struct End {
    pub uid: u64,
    pub address: SocketAddr,
    pub transport: Box<dyn Endpoint>,
    pub negotiated: Negotiated,
    pub connected: bool,
    pub frames: Vec<ReceivedFrame>,
    /// (mid, rid) of keyframe requests not yet answered.
    pub requests: Vec<(String, Option<String>)>,
    deadline: Instant,
}

type InFlight = Reverse<(Instant, u64, SocketAddr, SocketAddr, Vec<u8>)>;

pub struct Sim {
    pub now: Instant,
    pub shard: Shard,
    pub ends: Vec<End>,
    pub line: Line,
    pub counters: Arc<Counters>,
    pub events: Arc<EventQueue<Event>>,
    random: Random,
    burst_left: u64,
    flight: BinaryHeap<InFlight>,
    order: u64,
}

impl Sim {
    pub fn new(seed: u64) -> Sim {
        let now = Instant::now();
        let counters = Arc::new(Counters::default());
        let events = Arc::new(EventQueue::new(100_000).unwrap());
        Sim {
            now,
            shard: Shard::new(counters.clone(), events.clone(), now),
            ends: vec![],
            line: Line {
                delay: ms(20),
                ..Line::default()
            },
            counters,
            events,
            random: Random(seed.max(1)),
            burst_left: 0,
            flight: BinaryHeap::new(),
            order: 0,
        }
    }

    pub fn client_address(&self) -> SocketAddr {
        let number = self.ends.len() as u8 + 1;
        SocketAddr::from(([10, 0, 0, number], 1_000))
    }

    /// Answers an offer at the forwarder.
    pub fn accept(&mut self, offer: &str) -> (u64, Negotiated) {
        let uid = self.ends.len() as u64 + 1;
        let server = SocketAddr::from(SERVER);
        let config = AcceptConfig {
            local: server,
            advertised: &[server],
            tcp: false,
            ufrag_prefix: format!("{uid:x}"),
        };
        let (transport, negotiated) = PeerTransport::accept(offer, &config, self.now).unwrap();
        let new = NewPeer {
            uid,
            name: format!("peer-{uid}"),
            negotiated: negotiated.clone(),
            transport,
        };
        self.shard.add(new, self.now);
        (uid, negotiated)
    }

    pub fn add(&mut self, uid: u64, negotiated: Negotiated, transport: Box<dyn Endpoint>) -> usize {
        let address = self.client_address();
        self.ends.push(End {
            uid,
            address,
            transport,
            negotiated,
            connected: false,
            frames: vec![],
            requests: vec![],
            deadline: self.now,
        });
        self.ends.len() - 1
    }

    pub fn join(&mut self, send: &[CodecName], receive_video: usize) -> usize {
        let config = FrameConfig {
            send: send.iter().map(|c| (c.kind(), *c)).collect(),
            receive_audio: 0,
            receive_video,
            candidates: vec![(Proto::Udp, self.client_address())],
        };
        let mut transport = FrameTransport::new(&config, self.now);
        let offer = transport.offer().to_owned();
        let (uid, negotiated) = self.accept(&offer);
        transport.accept(&negotiated.answer).unwrap();
        self.add(uid, negotiated, Box::new(transport))
    }

    pub fn connect_all(&mut self) {
        for _ in 0..500 {
            if self.ends.iter().all(|e| e.connected) {
                // The forwarder's side hears of it half a round trip later.
                return self.run(ms(200));
            }
            self.run(ms(10));
        }
        panic!("not connected within five seconds");
    }

    /// Points the receiver's first video slot at layers given as (end, section, rid).
    pub fn show(&mut self, receiver: usize, layers: &[(usize, usize, Option<&str>)]) {
        let names: Vec<LayerName> = layers
            .iter()
            .map(|(end, section, rid)| LayerName {
                uid: self.ends[*end].uid,
                section: *section,
                rid: rid.map(tongke_rtc::media::Rid::new),
            })
            .collect();
        let (uid, now) = (self.ends[receiver].uid, self.now);
        self.shard.connect_slot(uid, 0, &names, Some(0), now);
        self.shard.settle(now);
        self.collect();
    }

    pub fn select(&mut self, receiver: usize, layer: usize) {
        let (uid, now) = (self.ends[receiver].uid, self.now);
        self.shard.select_layer(uid, 0, Some(layer), now);
        self.shard.settle(now);
        self.collect();
    }

    pub fn send(&mut self, end: usize, layer: &str, data: Vec<u8>) {
        let now = self.now;
        self.ends[end].transport.send(layer, data.into(), now);
        self.ends[end].transport.timeout(now);
        self.drain(end);
    }

    pub fn ask_keyframe(&mut self, end: usize) {
        let (mid, now) = (self.mid(end, 0), self.now);
        self.ends[end].transport.ask_keyframe(&mid);
        self.ends[end].transport.timeout(now);
        self.drain(end);
    }

    pub fn mid(&self, end: usize, section: usize) -> String {
        self.ends[end].negotiated.sections[section].mid.clone()
    }

    pub fn run(&mut self, duration: Duration) {
        let until = self.now + duration;
        loop {
            let next = self.next_moment();
            if next > until {
                self.now = until;
                return;
            }
            self.now = self.now.max(next);
            self.step();
        }
    }

    fn next_moment(&self) -> Instant {
        let ends = self.ends.iter().map(|e| e.deadline);
        let flight = self.flight.peek().map(|Reverse(f)| f.0);
        ends.chain(flight)
            .chain([self.shard.next_deadline()])
            .min()
            .unwrap()
    }

    fn step(&mut self) {
        let now = self.now;
        while self.flight.peek().is_some_and(|Reverse(f)| f.0 <= now) {
            let Reverse((_, _, from, to, buf)) = self.flight.pop().unwrap();
            self.deliver(from, to, &buf);
        }
        // What came at one moment is one batch, as from the socket.
        self.shard.settle(now);
        self.collect();
        for end in 0..self.ends.len() {
            if self.ends[end].deadline <= now {
                self.ends[end].transport.timeout(now);
                self.drain(end);
            }
        }
        self.shard.timeouts(now);
        self.collect();
    }

    fn deliver(&mut self, from: SocketAddr, to: SocketAddr, buf: &[u8]) {
        let now = self.now;
        if to == SocketAddr::from(SERVER) {
            let origin = Origin {
                proto: Proto::Udp,
                source: from,
                destination_ip: None,
            };
            return self.shard.datagram(now, origin, buf);
        }
        if let Some(end) = self.ends.iter().position(|e| e.address == to) {
            self.ends[end].transport.receive(now, from, to, buf);
            self.drain(end);
        }
    }

    fn drain(&mut self, end: usize) {
        let now = self.now;
        for _ in 0..10_000 {
            match self.ends[end].transport.poll() {
                FramePoll::Deadline(at) if at > now => {
                    self.ends[end].deadline = at;
                    return;
                }
                FramePoll::Deadline(_) => self.ends[end].transport.timeout(now),
                FramePoll::Transmit(t) => {
                    let from = self.ends[end].address;
                    self.post(from, t.destination, t.contents);
                }
                FramePoll::Event(event) => self.event(end, event),
            }
        }
        panic!("an end asks for the past for ever");
    }

    fn event(&mut self, end: usize, event: FrameEvent) {
        let end = &mut self.ends[end];
        match event {
            FrameEvent::Connected => end.connected = true,
            FrameEvent::Frame(frame) => end.frames.push(frame),
            FrameEvent::KeyframeRequested { mid, rid } => end.requests.push((mid, rid)),
            _ => {}
        }
    }

    fn collect(&mut self) {
        let transmits: Vec<_> = self.shard.transmits().drain(..).collect();
        for t in transmits {
            self.post(SocketAddr::from(SERVER), t.destination, t.contents);
        }
    }

    fn post(&mut self, from: SocketAddr, to: SocketAddr, contents: Vec<u8>) {
        let line = self.line;
        if self.burst_left == 0 && self.random.below(1_000) < line.burst {
            self.burst_left = line.burst_packets;
        }
        if self.burst_left > 0 {
            self.burst_left -= 1;
            return;
        }
        if self.random.below(1_000) < line.loss {
            return;
        }
        let extra = self.random.below(line.jitter.as_micros() as u64 + 1);
        let at = self.now + line.delay + Duration::from_micros(extra);
        self.order += 1;
        self.flight
            .push(Reverse((at, self.order, from, to, contents)));
    }

    pub fn on_the_way_to(&self, address: SocketAddr) -> usize {
        self.flight
            .iter()
            .filter(|Reverse(f)| f.3 == address)
            .count()
    }

    pub fn total(&self, total: Total) -> u64 {
        self.counters.get(total)
    }
}

/// One access unit that carries its number.
pub fn h264_frame(number: u32, keyframe: bool, size: usize) -> Vec<u8> {
    let mut frame = vec![];
    if keyframe {
        frame.extend_from_slice(&[0, 0, 0, 1, 0x67, 0x42, 0xe0, 0x1f, 0x8c, 0x8d, 0x40]);
        frame.extend_from_slice(&[0, 0, 0, 1, 0x68, 0xce, 0x3c, 0x80]);
        frame.extend_from_slice(&[0, 0, 0, 1, 0x65]);
    } else {
        frame.extend_from_slice(&[0, 0, 0, 1, 0x41]);
    }
    frame.extend_from_slice(format!("{number:08}").as_bytes());
    frame.resize(frame.len() + size, 0x55);
    frame
}

pub fn number_of(frame: &ReceivedFrame) -> u32 {
    let slice: &[u8] = if frame.keyframe {
        &[0, 0, 0, 1, 0x65]
    } else {
        &[0, 0, 0, 1, 0x41]
    };
    let at = frame
        .data
        .windows(5)
        .position(|w| w == slice)
        .expect("a slice");
    let digits = std::str::from_utf8(&frame.data[at + 5..at + 13]).unwrap();
    digits.parse().unwrap()
}

/// Sends 30 numbered frames a second of each layer, a keyframe when one is asked for.
pub struct Camera {
    pub end: usize,
    /// Name for `Endpoint::send`, first number, and what a request for it looks like.
    pub layers: Vec<(String, u32, (String, Option<String>))>,
    pub sent: u32,
    pub frame_bytes: usize,
}

impl Camera {
    pub fn new(sim: &Sim, end: usize) -> Camera {
        let video = sim.ends[end]
            .negotiated
            .sections
            .iter()
            .filter(|s| s.kind == Kind::Video);
        let layers = video
            .enumerate()
            .map(|(i, s)| (s.mid.clone(), i as u32 * 1_000_000, (s.mid.clone(), None)))
            .collect();
        Camera {
            end,
            layers,
            sent: 0,
            frame_bytes: 4_000,
        }
    }

    pub fn film(&mut self, sim: &mut Sim, frames: u32) {
        for _ in 0..frames {
            let requests = std::mem::take(&mut sim.ends[self.end].requests);
            for (name, first, request) in &self.layers {
                let keyframe = self.sent == 0 || requests.contains(request);
                let data = h264_frame(first + self.sent, keyframe, self.frame_bytes);
                sim.send(self.end, name, data);
            }
            self.sent += 1;
            sim.run(ms(33));
        }
    }
}
