//! The engine thread of a shard: waits for its sockets and timers, carries out what the
//! face asks, and sends what the shard has to say.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};

use crate::counters::Counters;
use crate::media::Proto;
use crate::peer::NewPeer;
use crate::routes::LayerName;
use crate::shard::{Origin, Shard};
use crate::tcp::Connections;
use crate::udp::UdpPort;

const UDP: Token = Token(0);
const LISTENER: Token = Token(1);
pub const WAKER: Token = Token(2);
const FIRST_CONNECTION: usize = 3;
/// Datagram batches taken before what they caused is sent.
const BATCHES_PER_TURN: usize = 4;
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// What the face asks of the engine thread.
pub enum Command {
    Add(Box<NewPeer>),
    Remove(u64),
    ConnectSlot(u64, usize, Vec<LayerName>, Option<usize>),
    SelectLayer(u64, usize, Option<usize>),
    SetForwarding(u64, usize, bool),
    RequestKeyframe(LayerName),
    SetDesiredBitrate(u64, u64),
    RestartEstimate(u64, u64),
    CapIngress(u64, usize, u64),
    Close,
}

/// Owned by its thread alone.
pub struct Engine {
    poll: Poll,
    udp: UdpPort,
    listener: Option<TcpListener>,
    connections: Connections,
    shard: Shard,
    commands: Receiver<Command>,
    counters: Arc<Counters>,
    next_sweep: Instant,
}

impl Engine {
    pub fn new(
        poll: Poll,
        mut udp: UdpPort,
        mut listener: Option<TcpListener>,
        shard: Shard,
        commands: Receiver<Command>,
        counters: Arc<Counters>,
    ) -> io::Result<Engine> {
        let registry = poll.registry();
        registry.register(&mut udp.socket, UDP, Interest::READABLE)?;
        if let Some(listener) = listener.as_mut() {
            registry.register(listener, LISTENER, Interest::READABLE)?;
        }
        Ok(Engine {
            poll,
            udp,
            listener,
            connections: Connections::new(FIRST_CONNECTION),
            shard,
            commands,
            counters,
            next_sweep: Instant::now() + SWEEP_INTERVAL,
        })
    }

    pub fn run(mut self) {
        let mut events = Events::with_capacity(256);
        let mut more_datagrams = false;
        loop {
            let wait = match more_datagrams {
                true => Duration::ZERO,
                false => self
                    .shard
                    .next_deadline()
                    .saturating_duration_since(Instant::now()),
            };
            if let Err(error) = self.poll.poll(&mut events, Some(wait))
                && error.kind() != io::ErrorKind::Interrupted
            {
                return;
            }
            for event in &events {
                match event.token() {
                    UDP => more_datagrams = true,
                    WAKER => {}
                    LISTENER => self.accept_connections(),
                    token => self.connection_ready(token),
                }
            }
            if !self.run_commands() {
                return;
            }
            if more_datagrams {
                more_datagrams = self.receive();
            }
            let now = Instant::now();
            self.shard.timeouts(now);
            self.flush();
            self.sweep(now);
        }
    }

    /// True when more may be waiting.
    fn receive(&mut self) -> bool {
        for _ in 0..BATCHES_PER_TURN {
            let now = Instant::now();
            let shard = &mut self.shard;
            let received = self.udp.receive(|source, destination_ip, buf| {
                let origin = Origin {
                    proto: Proto::Udp,
                    source,
                    destination_ip,
                };
                shard.datagram(now, origin, buf);
            });
            if !received {
                return false;
            }
            while self.shard.settle_some(now) {
                self.flush();
            }
            self.flush();
        }
        true
    }

    fn accept_connections(&mut self) {
        if let Some(listener) = &self.listener {
            let registry = self.poll.registry();
            self.connections
                .accept_all(listener, registry, &self.counters, Instant::now());
        }
    }

    fn connection_ready(&mut self, token: Token) {
        let now = Instant::now();
        let shard = &mut self.shard;
        let ended = self.connections.ready(token, |received| {
            let origin = Origin {
                proto: Proto::Tcp,
                source: received.remote,
                destination_ip: received.local_ip,
            };
            shard.datagram(now, origin, received.packet);
        });
        if let Some(remote) = ended {
            self.shard.forget_address(Proto::Tcp, remote);
        }
        self.shard.settle(now);
        self.flush();
    }

    /// False when it is time to go.
    fn run_commands(&mut self) -> bool {
        let now = Instant::now();
        while let Ok(command) = self.commands.try_recv() {
            let shard = &mut self.shard;
            match command {
                Command::Add(peer) => shard.add(*peer, now),
                Command::Remove(uid) => shard.remove(uid, now),
                Command::ConnectSlot(uid, section, layers, layer) => {
                    shard.connect_slot(uid, section, &layers, layer, now);
                }
                Command::SelectLayer(uid, section, layer) => {
                    shard.select_layer(uid, section, layer, now);
                }
                Command::SetForwarding(uid, section, enabled) => {
                    shard.set_forwarding(uid, section, enabled, now);
                }
                Command::RequestKeyframe(layer) => shard.request_keyframe(layer, now),
                Command::SetDesiredBitrate(uid, bps) => shard.set_desired_bitrate(uid, bps),
                Command::RestartEstimate(uid, bps) => shard.restart_estimate(uid, bps),
                Command::CapIngress(uid, section, bps) => shard.cap_ingress(uid, section, bps),
                Command::Close => {
                    shard.close(now);
                    self.flush();
                    return false;
                }
            }
        }
        true
    }

    fn flush(&mut self) {
        let transmits = self.shard.transmits();
        if transmits.is_empty() {
            return;
        }
        let mut rest = transmits.as_slice();
        while let Some(first) = rest.first() {
            let same = rest.iter().take_while(|t| t.proto == first.proto).count();
            let (run, after) = rest.split_at(same);
            match first.proto {
                Proto::Udp => self.udp.send(run, &self.counters),
                Proto::Tcp => run.iter().for_each(|t| {
                    self.connections
                        .send(t.destination, &t.contents, &self.counters);
                }),
            }
            rest = after;
        }
        transmits.clear();
    }

    fn sweep(&mut self, now: Instant) {
        if now >= self.next_sweep {
            self.next_sweep = now + SWEEP_INTERVAL;
            let shard = &self.shard;
            self.connections
                .sweep(now, |remote| shard.knows(Proto::Tcp, remote));
        }
    }
}
