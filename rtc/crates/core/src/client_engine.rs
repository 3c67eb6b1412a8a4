//! The one engine thread all clients of a process share.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Registry, Token, Waker};

use crate::client::{ClientEvent, DISCARD_PORT};
use crate::counters::{Counters, Total};
use crate::demux::{Class, classify};
use crate::engine_thread::EngineThread;
use crate::events::{EstimateSource, EventQueue};
use crate::media::{Proto, Transmit};
use crate::tcp::Connections;
use crate::transport_str0m::{FrameEvent, FramePoll, FrameTransport, Refusal, TransportFailure};
use crate::udp::UdpPort;

/// Tokens: client id in the high bits, 0 for its UDP port, others its connections.
const TOKEN_SHIFT: u32 = 20;
const WAKER: Token = Token(usize::MAX);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
const IDLE_WAIT: Duration = Duration::from_secs(1);
const MAX_ROUNDS: usize = 64;
const MIN_REST: Duration = Duration::from_micros(500);

pub enum Command {
    Add(u64, Box<Running>),
    SendFrame(u64, String, Arc<[u8]>, Instant),
    RequestKeyframe(u64, String),
    Close(u64),
}

pub struct ClientEngine {
    commands: Mutex<Sender<Command>>,
    waker: Waker,
    thread: EngineThread,
}

static SHARED: Mutex<Option<Arc<ClientEngine>>> = Mutex::new(None);

impl ClientEngine {
    /// Starts the thread with the first client; it lives as long as the process.
    pub fn shared() -> io::Result<Arc<ClientEngine>> {
        let mut shared = SHARED.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(engine) = shared.as_ref() {
            return Ok(engine.clone());
        }
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        let (sender, receiver) = mpsc::channel();
        let thread = EngineThread::spawn("rtc-client", move || {
            Loop::new(poll, receiver).run();
        })?;
        let engine = Arc::new(ClientEngine {
            commands: Mutex::new(sender),
            waker,
            thread,
        });
        *shared = Some(engine.clone());
        Ok(engine)
    }

    pub fn command(&self, command: Command) {
        let sender = self.commands.lock().unwrap_or_else(|e| e.into_inner());
        if sender.send(command).is_ok() {
            // A waker that fails is already signalled.
            let _ = self.waker.wake();
        }
    }

    pub fn cpu_us(&self) -> u64 {
        self.thread.cpu_us()
    }
}

/// A client on the engine's side.
pub struct Running {
    transport: FrameTransport,
    udp: Option<UdpPort>,
    connections: Option<Connections>,
    /// Which of our candidates a TCP connection stands for.
    local_of: HashMap<SocketAddr, IpAddr>,
    outbox: Vec<Transmit>,
    discard: bool,
    connected: bool,
    give_up: Instant,
    deadline: Instant,
    last_proto: Proto,
    counters: Arc<Counters>,
    events: Arc<EventQueue<ClientEvent>>,
    estimate: Option<u64>,
    line_bps: Option<u64>,
    ceiling_bps: Option<u64>,
}

impl Running {
    pub fn new(
        transport: FrameTransport,
        udp: Option<UdpPort>,
        discard: bool,
        counters: Arc<Counters>,
        events: Arc<EventQueue<ClientEvent>>,
        now: Instant,
    ) -> Running {
        Running {
            transport,
            udp,
            connections: None,
            local_of: HashMap::new(),
            outbox: vec![],
            discard,
            connected: false,
            give_up: now + CONNECT_TIMEOUT,
            deadline: now,
            last_proto: Proto::Udp,
            counters,
            events,
            estimate: None,
            line_bps: None,
            ceiling_bps: None,
        }
    }

    pub fn accept(&mut self, answer: &str) -> Result<(), Refusal> {
        // str0m asserts on some malformed input; see PeerTransport::accept.
        catch_unwind(AssertUnwindSafe(|| self.transport.accept(answer)))
            .unwrap_or_else(|_| Err(Refusal::new("bad_sdp", "answer is inconsistent")))
    }

    fn start(&mut self, id: u64, registry: &Registry, now: Instant) -> io::Result<()> {
        let base = (id as usize) << TOKEN_SHIFT;
        match self.udp.as_mut() {
            Some(udp) => registry.register(&mut udp.socket, Token(base), Interest::READABLE)?,
            None => self.connections = Some(Connections::new(base + 1)),
        }
        self.give_up = now + CONNECT_TIMEOUT;
        Ok(())
    }

    /// Drains the transport. Err with the reason when the client is over.
    fn drive(&mut self, now: Instant) -> Result<(), &'static str> {
        for _ in 0..MAX_ROUNDS {
            let again = catch_unwind(AssertUnwindSafe(|| self.drain(now)));
            match again {
                Ok(Ok(true)) => continue,
                Ok(Ok(false)) => break,
                Ok(Err(reason)) => return Err(reason),
                Err(_) => return Err("engine_fault"),
            }
        }
        if !self.connected && now >= self.give_up {
            return Err("ice_timeout");
        }
        Ok(())
    }

    fn drain(&mut self, now: Instant) -> Result<bool, &'static str> {
        loop {
            match self.transport.poll().map_err(failure_reason)? {
                FramePoll::Deadline(at) => {
                    self.deadline = at;
                    if at > now {
                        return Ok(false);
                    }
                    self.transport.timeout(now).map_err(failure_reason)?;
                    return Ok(true);
                }
                FramePoll::Transmit(transmit) => self.outbox.push(transmit),
                FramePoll::Event(event) => self.event(event)?,
            }
        }
    }

    fn event(&mut self, event: FrameEvent) -> Result<(), &'static str> {
        match event {
            FrameEvent::Frame(frame) => {
                self.counters.add(Total::FramesIn, 1);
                if !frame.contiguous {
                    self.counters.add(Total::FramesLost, 1);
                }
                if !self.discard && !self.events.push(ClientEvent::Frame(frame), false) {
                    self.counters.add(Total::FramesLost, 1);
                }
            }
            FrameEvent::Connected => {
                self.connected = true;
                let transport = self.last_proto;
                self.tell(ClientEvent::Connected { transport });
            }
            FrameEvent::Estimate { bps, source } => self.estimated(bps, source),
            FrameEvent::KeyframeRequested { mid, rid } => {
                self.tell(ClientEvent::KeyframeRequested { mid, rid });
            }
            FrameEvent::NacksSent(count) => self.counters.add(Total::NacksOut, count),
            FrameEvent::FrameLost => self.counters.add(Total::FramesLost, 1),
            FrameEvent::IceLost => return Err("ice_timeout"),
            FrameEvent::Closed => return Err("closed"),
            FrameEvent::Other => {}
        }
        Ok(())
    }

    /// What the line carries and what the far side wants: the smaller one holds.
    fn estimated(&mut self, bps: u64, source: EstimateSource) {
        match source {
            EstimateSource::Twcc => self.line_bps = Some(bps),
            EstimateSource::Remb => self.ceiling_bps = Some(bps),
        }
        let known = [self.line_bps, self.ceiling_bps];
        let smaller = known.into_iter().flatten().min();
        if self.estimate != smaller
            && let Some(bps) = smaller
        {
            self.estimate = smaller;
            // A figure: the next one follows soon when the queue is full.
            self.events.push(ClientEvent::Estimate { bps }, false);
        }
    }

    fn tell(&self, event: ClientEvent) {
        self.events.push(event, true);
    }

    fn flush(&mut self, registry: &Registry, now: Instant) {
        if let Some(udp) = self.udp.as_mut() {
            udp.send(&self.outbox, &self.counters);
        } else if let Some(connections) = self.connections.as_mut() {
            for transmit in &self.outbox {
                let remote = transmit.destination;
                if let Some(ours) = transmit.source_ip {
                    self.local_of.insert(remote, ours);
                }
                // An unreachable remote is a failed candidate; ICE goes on without.
                if connections.connect(remote, registry, now).is_ok() {
                    connections.send(remote, &transmit.contents, &self.counters);
                }
            }
        }
        self.outbox.clear();
    }

    fn receive_udp(&mut self, now: Instant) -> Result<(), &'static str> {
        loop {
            let Some(mut udp) = self.udp.take() else {
                return Ok(());
            };
            let port = udp.local_address().map_or(0, |a| a.port());
            let bound = udp.local_address().map(|a| a.ip()).ok();
            let mut result = Ok(());
            let received = udp.receive(|source, ours, buf| {
                let ip = match bound {
                    Some(ip) if !ip.is_unspecified() => Some(ip),
                    _ => ours,
                };
                if let Some(ip) = ip
                    && result.is_ok()
                {
                    let local = SocketAddr::new(ip, port);
                    result = self.datagram(Proto::Udp, source, local, buf, now);
                }
            });
            self.udp = Some(udp);
            result?;
            if !received {
                return Ok(());
            }
        }
    }

    fn receive_tcp(&mut self, token: Token, now: Instant) -> Result<(), &'static str> {
        let Some(mut connections) = self.connections.take() else {
            return Ok(());
        };
        let mut result = Ok(());
        connections.ready(token, |received| {
            if let Some(ours) = self.local_of.get(&received.remote)
                && result.is_ok()
            {
                let local = SocketAddr::new(*ours, DISCARD_PORT);
                result = self.datagram(Proto::Tcp, received.remote, local, received.packet, now);
            }
        });
        self.connections = Some(connections);
        result
    }

    fn datagram(
        &mut self,
        proto: Proto,
        source: SocketAddr,
        local: SocketAddr,
        buf: &[u8],
        now: Instant,
    ) -> Result<(), &'static str> {
        self.counters.add(Total::PacketsIn, 1);
        self.counters.add(Total::BytesIn, buf.len() as u64);
        let usable = matches!(
            classify(buf),
            Class::StunRequest { .. } | Class::StunOther | Class::Dtls | Class::Rtp | Class::Rtcp
        );
        if !usable {
            return Ok(());
        }
        self.last_proto = proto;
        self.transport
            .receive(now, proto, source, local, buf)
            .map_err(failure_reason)?;
        self.drive(now)
    }

    fn send_frame(
        &mut self,
        mid: &str,
        data: Arc<[u8]>,
        captured: Instant,
        now: Instant,
    ) -> Result<(), &'static str> {
        // False: not connected yet, the frame is dropped as documented.
        let _ = self
            .transport
            .send_frame(mid, data, captured)
            .map_err(failure_reason)?;
        self.advance(now)
    }

    fn advance(&mut self, now: Instant) -> Result<(), &'static str> {
        self.transport.timeout(now).map_err(failure_reason)?;
        self.drive(now)
    }
}

fn failure_reason(_failure: TransportFailure) -> &'static str {
    "dtls_failed"
}

struct Loop {
    poll: Poll,
    commands: Receiver<Command>,
    clients: HashMap<u64, Running>,
    timers: BTreeSet<(Instant, u64)>,
}

impl Loop {
    fn new(poll: Poll, commands: Receiver<Command>) -> Loop {
        Loop {
            poll,
            commands,
            clients: HashMap::new(),
            timers: BTreeSet::new(),
        }
    }

    fn run(mut self) {
        let mut events = Events::with_capacity(256);
        loop {
            let wait = match self.timers.first() {
                Some((at, _)) => at.saturating_duration_since(Instant::now()),
                None => IDLE_WAIT,
            };
            if let Err(error) = self.poll.poll(&mut events, Some(wait))
                && error.kind() != io::ErrorKind::Interrupted
            {
                return;
            }
            let tokens: Vec<Token> = events.iter().map(|e| e.token()).collect();
            for token in tokens.into_iter().filter(|t| *t != WAKER) {
                self.socket_ready(token);
            }
            while let Ok(command) = self.commands.try_recv() {
                self.run_command(command);
            }
            self.run_timers();
        }
    }

    fn socket_ready(&mut self, token: Token) {
        let id = (token.0 >> TOKEN_SHIFT) as u64;
        let is_udp = token.0 & ((1 << TOKEN_SHIFT) - 1) == 0;
        self.with_client(id, |client, now| match is_udp {
            true => client.receive_udp(now),
            false => client.receive_tcp(token, now),
        });
    }

    fn run_command(&mut self, command: Command) {
        match command {
            Command::Add(id, mut running) => {
                let now = Instant::now();
                if running.start(id, self.poll.registry(), now).is_err() {
                    running.tell(ClientEvent::Closed {
                        reason: "engine_fault",
                    });
                    return;
                }
                self.timers.insert((running.deadline, id));
                self.clients.insert(id, *running);
            }
            Command::SendFrame(id, mid, data, captured) => {
                self.with_client(id, |client, now| {
                    client.send_frame(&mid, data, captured, now)
                });
            }
            Command::RequestKeyframe(id, mid) => self.with_client(id, |client, now| {
                client.transport.request_keyframe(&mid);
                client.advance(now)
            }),
            Command::Close(id) => self.with_client(id, |client, now| {
                client.transport.close();
                // The goodbye is on its way in the outbox whatever else happens.
                let _ = client.drive(now);
                Err("closed")
            }),
        }
    }

    fn run_timers(&mut self) {
        loop {
            let now = Instant::now();
            match self.timers.first() {
                Some((at, id)) if *at <= now => {
                    let id = *id;
                    self.with_client(id, |client, now| client.advance(now));
                }
                _ => return,
            }
        }
    }

    /// Runs one step of a client, sends what it caused, and buries it when it ended.
    fn with_client(
        &mut self,
        id: u64,
        step: impl FnOnce(&mut Running, Instant) -> Result<(), &'static str>,
    ) {
        let now = Instant::now();
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        self.timers.remove(&(client.deadline, id));
        let result = step(client, now);
        client.flush(self.poll.registry(), now);
        if !client.connected {
            client.deadline = client.deadline.min(client.give_up);
        }
        // Never at once again: a transport that asks for the past must not spin.
        client.deadline = client.deadline.max(now + MIN_REST);
        match result {
            Ok(()) => {
                self.timers.insert((client.deadline, id));
            }
            Err(reason) => {
                client.tell(ClientEvent::Closed { reason });
                self.clients.remove(&id);
            }
        }
    }
}
