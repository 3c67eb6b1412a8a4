//! The face of one shard: made, asked and closed from any thread. Sockets, peers and
//! timers are owned by its engine thread (`forwarder_engine`).

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use mio::net::TcpListener;
use mio::{Poll, Waker};

use crate::counters::Counters;
use crate::engine_thread::EngineThread;
use crate::events::{Event, EventQueue};
use crate::forwarder_engine::{Command, Engine, WAKER};
use crate::interfaces;
use crate::media::{Direction, Negotiated, NegotiatedSection, Rid};
use crate::peer::NewPeer;
use crate::routes::LayerName;
use crate::shard::Shard;
use crate::transport_str0m::{AcceptConfig, PeerTransport, Refusal};
use crate::udp::UdpPort;

const EVENT_LIMIT: usize = 16 * 1024;
const CLIENT_ONLY: [&str; 3] = ["frames_in", "frames_lost", "nacks_out"];

#[derive(Debug, Clone)]
pub struct ForwarderConfig {
    pub bind: IpAddr,
    pub port: u16,
    /// Empty: every address of the machine.
    pub advertise: Vec<IpAddr>,
    pub tcp: bool,
}

/// The caller asked for something that does not exist. `code` is stable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misuse {
    pub code: &'static str,
    pub message: String,
}

impl Misuse {
    pub fn new(code: &'static str, message: impl Into<String>) -> Misuse {
        Misuse {
            code,
            message: message.into(),
        }
    }
}

#[derive(Debug)]
pub enum AcceptError {
    Refused(Refusal),
    Misused(Misuse),
}

/// A layer as the owner names it.
#[derive(Debug, Clone)]
pub struct LayerRef {
    pub peer: String,
    pub mid: String,
    pub rid: Option<String>,
}

pub struct Forwarder {
    address: SocketAddr,
    advertised: Vec<SocketAddr>,
    tcp: bool,
    next_uid: AtomicU64,
    known: Mutex<HashMap<String, Known>>,
    commands: Mutex<Sender<Command>>,
    waker: Waker,
    counters: Arc<Counters>,
    events: Arc<EventQueue<Event>>,
    thread: EngineThread,
}

/// What the caller's side must know of a peer to refuse nonsense at once.
struct Known {
    uid: u64,
    sections: Vec<NegotiatedSection>,
}

impl Forwarder {
    pub fn new(config: &ForwarderConfig) -> io::Result<Forwarder> {
        let (udp, listener) = bind_both(config)?;
        let address = udp.local_address()?;
        let ips = match config.advertise.as_slice() {
            [] => interfaces::reachable(config.bind)?,
            given => given.to_vec(),
        };
        if ips.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::AddrNotAvailable,
                "no address to advertise",
            ));
        }
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        let counters = Arc::new(Counters::default());
        let events = Arc::new(EventQueue::new(EVENT_LIMIT)?);
        let (sender, receiver) = mpsc::channel();
        let shard = Shard::new(counters.clone(), events.clone(), Instant::now());
        let engine = Engine::new(poll, udp, listener, shard, receiver, counters.clone())?;
        let thread = EngineThread::spawn("rtc-forwarder", move || engine.run())?;
        Ok(Forwarder {
            address,
            advertised: ips
                .into_iter()
                .map(|ip| SocketAddr::new(ip, address.port()))
                .collect(),
            tcp: config.tcp,
            next_uid: AtomicU64::new(1),
            known: Mutex::new(HashMap::new()),
            commands: Mutex::new(sender),
            waker,
            counters,
            events,
            thread,
        })
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn addresses(&self) -> Vec<String> {
        self.advertised.iter().map(|a| a.ip().to_string()).collect()
    }

    pub fn descriptor(&self) -> i32 {
        self.events.descriptor()
    }

    /// A peer's name is free again once its end has been handed over here.
    pub fn drain(&self, limit: usize) -> Vec<Event> {
        let events = self.events.drain(limit);
        for event in &events {
            if let Event::PeerClosed { peer, uid, .. } = event {
                let mut known = self.known();
                if known.get(peer).is_some_and(|k| k.uid == *uid) {
                    known.remove(peer);
                }
            }
        }
        events
    }

    pub fn accept(&self, peer: &str, offer: &str) -> Result<Negotiated, AcceptError> {
        if self.known().contains_key(peer) {
            return Err(AcceptError::Misused(peer_exists(peer)));
        }
        let uid = self.next_uid.fetch_add(1, Ordering::Relaxed);
        let config = AcceptConfig {
            local: self.advertised[0],
            advertised: &self.advertised,
            tcp: self.tcp,
            ufrag_prefix: format!("{uid:x}"),
        };
        let (transport, negotiated) =
            PeerTransport::accept(offer, &config, Instant::now()).map_err(AcceptError::Refused)?;
        let new = NewPeer {
            uid,
            name: peer.to_owned(),
            negotiated: negotiated.clone(),
            transport,
        };
        let mut known = self.known();
        if known.contains_key(peer) {
            return Err(AcceptError::Misused(peer_exists(peer)));
        }
        let sections = negotiated.sections.clone();
        known.insert(peer.to_owned(), Known { uid, sections });
        drop(known);
        self.command(Command::Add(Box::new(new)));
        Ok(negotiated)
    }

    pub fn remove(&self, peer: &str) {
        let removed = self.known().remove(peer);
        if let Some(known) = removed {
            self.command(Command::Remove(known.uid));
        }
    }

    pub fn connect_slot(
        &self,
        peer: &str,
        mid: &str,
        layers: &[LayerRef],
        layer: Option<usize>,
    ) -> Result<(), Misuse> {
        let (uid, section) = self.resolve(peer, mid, Direction::receives)?;
        let layers = layers
            .iter()
            .map(|l| self.resolve_layer(l))
            .collect::<Result<Vec<_>, _>>()?;
        self.command(Command::ConnectSlot(uid, section, layers, layer));
        Ok(())
    }

    pub fn select_layer(&self, peer: &str, mid: &str, layer: Option<usize>) -> Result<(), Misuse> {
        let (uid, section) = self.resolve(peer, mid, Direction::receives)?;
        self.command(Command::SelectLayer(uid, section, layer));
        Ok(())
    }

    pub fn set_forwarding(&self, peer: &str, mid: &str, enabled: bool) -> Result<(), Misuse> {
        let (uid, section) = self.resolve(peer, mid, Direction::publishes)?;
        self.command(Command::SetForwarding(uid, section, enabled));
        Ok(())
    }

    pub fn request_keyframe(&self, layer: &LayerRef) -> Result<(), Misuse> {
        let name = self.resolve_layer(layer)?;
        self.command(Command::RequestKeyframe(name));
        Ok(())
    }

    pub fn set_desired_bitrate(&self, peer: &str, bps: u64) -> Result<(), Misuse> {
        let uid = self.known().get(peer).map(|k| k.uid);
        let uid = uid.ok_or_else(|| no_such_peer(peer))?;
        self.command(Command::SetDesiredBitrate(uid, bps));
        Ok(())
    }

    pub fn restart_estimate(&self, peer: &str, bps: u64) -> Result<(), Misuse> {
        let uid = self.known().get(peer).map(|k| k.uid);
        let uid = uid.ok_or_else(|| no_such_peer(peer))?;
        self.command(Command::RestartEstimate(uid, bps));
        Ok(())
    }

    pub fn cap_ingress(&self, peer: &str, mid: &str, bps: u64) -> Result<(), Misuse> {
        let (uid, section) = self.resolve(peer, mid, Direction::publishes)?;
        self.command(Command::CapIngress(uid, section, bps));
        Ok(())
    }

    pub fn counters(&self) -> Vec<(&'static str, u64)> {
        let mut all = self.counters.snapshot();
        all.retain(|(label, _)| !CLIENT_ONLY.contains(label));
        all.push(("engine_cpu_us", self.thread.cpu_us()));
        all
    }

    pub fn close(&self) {
        self.command(Command::Close);
        self.thread.join();
    }

    fn resolve(
        &self,
        peer: &str,
        mid: &str,
        usable: fn(Direction) -> bool,
    ) -> Result<(u64, usize), Misuse> {
        let known = self.known();
        let found = known.get(peer).ok_or_else(|| no_such_peer(peer))?;
        let section = found
            .sections
            .iter()
            .position(|s| s.mid == mid && usable(s.direction));
        match section {
            Some(section) => Ok((found.uid, section)),
            None => Err(no_such_section(peer, mid)),
        }
    }

    fn resolve_layer(&self, layer: &LayerRef) -> Result<LayerName, Misuse> {
        let (uid, section) = self.resolve(&layer.peer, &layer.mid, Direction::publishes)?;
        let rid = layer.rid.as_deref().map(Rid::new);
        let known = self.known();
        let rids = known.get(&layer.peer).map(|k| &k.sections[section].rids);
        let exists = match (rids, rid) {
            (Some(rids), Some(rid)) => rids.contains(&rid),
            (Some(rids), None) => rids.is_empty(),
            (None, _) => false,
        };
        if !exists {
            return Err(no_such_section(&layer.peer, &layer.mid));
        }
        Ok(LayerName { uid, section, rid })
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// After `close` nobody listens, and nothing more is expected to happen.
    fn command(&self, command: Command) {
        let sender = self.commands.lock().unwrap_or_else(|e| e.into_inner());
        if sender.send(command).is_ok() {
            let _ = self.waker.wake();
        }
    }
}

/// UDP and TCP on one port number. When the system chooses it, the number may be free
/// for one and taken for the other.
fn bind_both(config: &ForwarderConfig) -> io::Result<(UdpPort, Option<TcpListener>)> {
    const TRIES: usize = 32;
    let mut tries = if config.port == 0 { TRIES } else { 1 };
    loop {
        let udp = UdpPort::bind(SocketAddr::new(config.bind, config.port))?;
        if !config.tcp {
            return Ok((udp, None));
        }
        tries -= 1;
        match TcpListener::bind(udp.local_address()?) {
            Ok(listener) => return Ok((udp, Some(listener))),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries > 0 => continue,
            Err(error) => return Err(error),
        }
    }
}

fn peer_exists(peer: &str) -> Misuse {
    Misuse::new("peer_exists", format!("peer {peer} is already accepted"))
}

fn no_such_peer(peer: &str) -> Misuse {
    Misuse::new("no_such_peer", format!("no peer {peer}"))
}

fn no_such_section(peer: &str, mid: &str) -> Misuse {
    Misuse::new(
        "no_such_section",
        format!("peer {peer} has no such section or layer at mid {mid}"),
    )
}
