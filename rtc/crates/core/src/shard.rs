//! One shard, sans I/O: datagrams in, datagrams out, time as an argument.
//!
//! The way of a packet: `datagram` -> `drive` -> (`forward::forward`) -> `settle`.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::counters::{Counters, Total};
use crate::demux::{Class, classify};
use crate::events::{CloseReason, Event, EventQueue};
use crate::media::{Pkt, Proto, Transmit};
use crate::peer::{NewPeer, Peer, Phase};
use crate::transport_str0m::{Poll, TransportEvent, TransportFailure};

/// Audio levels and estimates leave at this pace.
const TICK: Duration = Duration::from_millis(250);
const CAPS_EVERY_TICKS: u64 = 4;
/// How long an accepted peer may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Validated addresses kept per peer; a roaming phone shows a few.
const MAX_ADDRESSES: usize = 8;
/// Rounds of timeout and poll for one peer before others get their turn.
const MAX_ROUNDS: usize = 64;
const MIN_REST: Duration = Duration::from_micros(500);
/// Packets that share a call to the kernel. While they are made the first of them
/// waits: 0.3 ms.
const SEND_AT_ONCE: usize = 64;

pub struct Shard {
    pub(crate) peers: Vec<Option<Peer>>,
    by_uid: HashMap<u64, usize>,
    by_ufrag: HashMap<String, usize>,
    by_address: HashMap<(Proto, SocketAddr), usize>,
    timers: BinaryHeap<Reverse<(Instant, usize)>>,
    next_tick: Instant,
    ticks: u64,
    pub(crate) touched: Vec<usize>,
    inbox: Vec<(usize, Pkt)>,
    outbox: Vec<Transmit>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) events: Arc<EventQueue<Event>>,
}

/// Where a datagram came from.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    pub proto: Proto,
    pub source: SocketAddr,
    /// The address of ours it was sent to.
    pub destination_ip: Option<IpAddr>,
}

impl Shard {
    pub fn new(counters: Arc<Counters>, events: Arc<EventQueue<Event>>, now: Instant) -> Shard {
        Shard {
            peers: vec![],
            by_uid: HashMap::new(),
            by_ufrag: HashMap::new(),
            by_address: HashMap::new(),
            timers: BinaryHeap::new(),
            next_tick: now + TICK,
            ticks: 0,
            touched: vec![],
            inbox: vec![],
            outbox: vec![],
            counters,
            events,
        }
    }

    pub fn add(&mut self, new: NewPeer, now: Instant) {
        let index = match self.peers.iter().position(Option::is_none) {
            Some(free) => free,
            None => {
                self.peers.push(None);
                self.peers.len() - 1
            }
        };
        let peer = Peer::new(new, now);
        self.by_uid.insert(peer.uid, index);
        self.by_ufrag.insert(peer.ufrag.clone(), index);
        self.peers[index] = Some(peer);
        self.counters.set(Total::Peers, self.peer_count());
        self.touch(index);
    }

    pub fn remove(&mut self, uid: u64, now: Instant) {
        let Some(index) = self.index(uid) else {
            return;
        };
        if let Some(peer) = self.peers[index].as_mut() {
            peer.transport.close();
            self.drive(index, now);
        }
        self.drop_peer(index, CloseReason::Removed);
    }

    /// Sends goodbyes to everybody.
    pub fn close(&mut self, now: Instant) {
        let uids: Vec<u64> = self.by_uid.keys().copied().collect();
        for uid in uids {
            self.remove(uid, now);
        }
    }

    pub fn peer_count(&self) -> u64 {
        self.by_uid.len() as u64
    }

    pub(crate) fn index(&self, uid: u64) -> Option<usize> {
        self.by_uid.get(&uid).copied()
    }

    pub(crate) fn peer(&mut self, index: usize) -> Option<&mut Peer> {
        self.peers.get_mut(index)?.as_mut()
    }

    pub fn transmits(&mut self) -> &mut Vec<Transmit> {
        &mut self.outbox
    }

    /// The connection behind these addresses is gone; whoever used it must find
    /// another path or time out.
    pub fn forget_address(&mut self, proto: Proto, source: SocketAddr) {
        if let Some(index) = self.by_address.remove(&(proto, source))
            && let Some(peer) = self.peer(index)
        {
            peer.addresses.retain(|a| (a.0, a.1) != (proto, source));
        }
    }

    /// True when the address belongs to a peer.
    pub fn knows(&self, proto: Proto, source: SocketAddr) -> bool {
        self.by_address.contains_key(&(proto, source))
    }

    /// One datagram from the network. Nothing a stranger sends changes any state:
    /// media and DTLS are taken only from addresses that proved our ICE password
    /// (OWASP ASVS 17.2.6), STUN only with a valid MESSAGE-INTEGRITY.
    pub fn datagram(&mut self, now: Instant, origin: Origin, buf: &[u8]) {
        self.counters.add(Total::PacketsIn, 1);
        self.counters.add(Total::BytesIn, buf.len() as u64);
        match self.route(now, origin, buf) {
            Ok(index) => self.ingest(now, index, origin, buf),
            Err(reason) => self.counters.add(reason, 1),
        }
    }

    fn route(&mut self, now: Instant, origin: Origin, buf: &[u8]) -> Result<usize, Total> {
        match classify(buf) {
            Class::StunRequest { local_ufrag } => {
                let index = self
                    .by_ufrag
                    .get(local_ufrag)
                    .copied()
                    .ok_or(Total::DroppedUnknownUfrag)?;
                self.validate(now, index, origin, buf)?;
                Ok(index)
            }
            Class::Dtls | Class::Rtp | Class::Rtcp => self
                .by_address
                .get(&(origin.proto, origin.source))
                .copied()
                .ok_or(Total::DroppedUnknownSource),
            Class::StunOther => Err(Total::DroppedUnexpectedStun),
            Class::BrokenRtp => Err(Total::DroppedBadHeader),
            Class::Probe => Err(Total::DroppedProbe),
            Class::Empty => Err(Total::DroppedEmpty),
            Class::Garbage => Err(Total::DroppedGarbage),
        }
    }

    fn validate(
        &mut self,
        now: Instant,
        index: usize,
        origin: Origin,
        buf: &[u8],
    ) -> Result<(), Total> {
        let Some(peer) = self.peers[index].as_mut() else {
            return Err(Total::DroppedUnknownUfrag);
        };
        let Origin { proto, source, .. } = origin;
        if !peer.transport.validates(now, proto, source, buf) {
            return Err(Total::DroppedBadIntegrity);
        }
        let known = peer
            .addresses
            .iter_mut()
            .find(|a| (a.0, a.1) == (proto, source));
        if let Some(address) = known {
            address.2 = origin.destination_ip;
            return Ok(());
        }
        peer.addresses.push((proto, source, origin.destination_ip));
        let oldest = (peer.addresses.len() > MAX_ADDRESSES).then(|| peer.addresses.remove(0));
        if let Some((proto, address, _)) = oldest {
            self.by_address.remove(&(proto, address));
        }
        self.by_address.insert((proto, source), index);
        Ok(())
    }

    fn ingest(&mut self, now: Instant, index: usize, origin: Origin, buf: &[u8]) {
        let Some(peer) = self.peers[index].as_mut() else {
            return;
        };
        let Origin { proto, source, .. } = origin;
        let taken = catch_unwind(AssertUnwindSafe(|| {
            peer.transport.receive(now, proto, source, buf)
        }));
        match taken {
            Ok(Ok(true)) => self.drive(index, now),
            Ok(Ok(false)) => {
                self.counters.add(Total::DroppedRefused, 1);
                self.drive(index, now);
            }
            Ok(Err(failure)) => self.fail(index, &failure),
            Err(_) => self.drop_peer(index, CloseReason::EngineFault),
        }
        self.forward_inbox(now);
    }

    fn forward_inbox(&mut self, now: Instant) {
        let mut inbox = std::mem::take(&mut self.inbox);
        for (index, pkt) in inbox.drain(..) {
            self.forward(index, pkt, now);
        }
        self.inbox = inbox;
    }

    /// Lets every touched peer send. Call after each batch.
    pub fn settle(&mut self, now: Instant) {
        while self.settle_some(now) {}
    }

    /// Lets touched peers send until it is worth a call to the kernel. True when more
    /// of them wait.
    pub fn settle_some(&mut self, now: Instant) -> bool {
        let enough = self.outbox.len() + SEND_AT_ONCE;
        while self.outbox.len() < enough {
            let Some(index) = self.touched.pop() else {
                return false;
            };
            if let Some(peer) = self.peers[index].as_mut() {
                peer.touched = false;
                self.tick_peer(index, now);
                self.forward_inbox(now);
            }
        }
        !self.touched.is_empty()
    }

    pub fn next_deadline(&self) -> Instant {
        match self.timers.peek() {
            Some(Reverse((at, _))) => self.next_tick.min(*at),
            None => self.next_tick,
        }
    }

    /// Runs everything that is due.
    pub fn timeouts(&mut self, now: Instant) {
        while let Some(Reverse((at, index))) = self.timers.peek().copied() {
            if at > now {
                break;
            }
            self.timers.pop();
            let Some(peer) = self.peers[index].as_mut() else {
                continue;
            };
            if peer.scheduled != Some(at) {
                continue;
            }
            peer.scheduled = None;
            if peer.deadline <= now {
                self.tick_peer(index, now);
                self.forward_inbox(now);
            } else {
                self.schedule(index);
            }
        }
        if now >= self.next_tick {
            self.next_tick = now + TICK;
            self.tick(now);
        }
        self.settle(now);
    }

    pub(crate) fn touch(&mut self, index: usize) {
        if let Some(peer) = self.peers[index].as_mut()
            && !peer.touched
        {
            peer.touched = true;
            self.touched.push(index);
        }
    }

    fn schedule(&mut self, index: usize) {
        let Some(peer) = self.peers[index].as_mut() else {
            return;
        };
        if peer.scheduled.is_none_or(|at| peer.deadline < at) {
            peer.scheduled = Some(peer.deadline);
            self.timers.push(Reverse((peer.deadline, index)));
        }
    }

    fn tick_peer(&mut self, index: usize, now: Instant) {
        let Some(peer) = self.peers[index].as_mut() else {
            return;
        };
        match catch_unwind(AssertUnwindSafe(|| peer.transport.timeout(now))) {
            Ok(Ok(())) => self.drive(index, now),
            Ok(Err(failure)) => self.fail(index, &failure),
            Err(_) => self.drop_peer(index, CloseReason::EngineFault),
        }
    }

    /// Drains a peer's transport after a mutation.
    fn drive(&mut self, index: usize, now: Instant) {
        for _ in 0..MAX_ROUNDS {
            let drained = catch_unwind(AssertUnwindSafe(|| self.drain(index, now)));
            match drained {
                Ok(Ok(Some(again))) if again => continue,
                Ok(Ok(_)) => break,
                Ok(Err(failure)) => return self.fail(index, &failure),
                Err(_) => return self.drop_peer(index, CloseReason::EngineFault),
            }
        }
        if let Some(peer) = self.peers[index].as_mut() {
            // A transport that wants to be called again for ever gets its turn, but
            // not the thread.
            peer.deadline = peer.deadline.max(now + MIN_REST);
        }
        self.schedule(index);
    }

    /// One round. Some(true) when the transport wants another at once; None when
    /// the peer is gone.
    fn drain(&mut self, index: usize, now: Instant) -> Result<Option<bool>, TransportFailure> {
        loop {
            let Some(peer) = self.peers[index].as_mut() else {
                return Ok(None);
            };
            match peer.transport.poll()? {
                Poll::Deadline(at) => {
                    peer.deadline = at;
                    if at > now {
                        return Ok(Some(false));
                    }
                    peer.transport.timeout(now)?;
                    return Ok(Some(true));
                }
                Poll::Transmit(mut transmit) => {
                    let budget = peer.resends.as_mut();
                    if budget.is_some_and(|b| !b.allows(&transmit.contents, now)) {
                        self.counters.add(Total::DroppedResend, 1);
                        continue;
                    }
                    transmit.source_ip = peer.reply_from(transmit.destination);
                    self.outbox.push(transmit);
                }
                Poll::Event(TransportEvent::Packet(pkt)) => self.inbox.push((index, pkt)),
                Poll::Event(event) => self.transport_event(index, event, now),
            }
        }
    }

    fn fail(&mut self, index: usize, _failure: &TransportFailure) {
        let reason = match self.peer(index).map(|p| p.phase) {
            Some(Phase::Connected) => CloseReason::Closed,
            _ => CloseReason::DtlsFailed,
        };
        self.drop_peer(index, reason);
    }

    /// Forgets a peer and every route from and to it.
    pub(crate) fn drop_peer(&mut self, index: usize, reason: CloseReason) {
        self.cut_routes(index);
        let Some(peer) = self.peers[index].take() else {
            return;
        };
        self.by_uid.remove(&peer.uid);
        self.by_ufrag.remove(&peer.ufrag);
        for (proto, address, _) in &peer.addresses {
            self.by_address.remove(&(*proto, *address));
        }
        self.touched.retain(|i| *i != index);
        self.inbox.retain(|(i, _)| *i != index);
        self.counters.set(Total::Peers, self.peer_count());
        self.emit(Event::PeerClosed {
            peer: peer.name,
            uid: peer.uid,
            reason,
        });
    }

    pub(crate) fn emit(&self, event: Event) {
        if !self.events.push_event(event) {
            self.counters.add(Total::EventsLost, 1);
        }
    }

    /// Every 250 ms: levels, estimates, and those who never came.
    fn tick(&mut self, now: Instant) {
        self.ticks = self.ticks.wrapping_add(1);
        for index in 0..self.peers.len() {
            let Some(peer) = self.peers[index].as_mut() else {
                continue;
            };
            let waited = now.saturating_duration_since(peer.joined);
            if peer.phase != Phase::Connected && waited >= CONNECT_TIMEOUT {
                let reason = match peer.phase {
                    Phase::Waiting => CloseReason::IceTimeout,
                    _ => CloseReason::DtlsFailed,
                };
                self.drop_peer(index, reason);
                continue;
            }
            self.report_tick(index);
            self.due_keyframe_requests(index, now);
            if self.ticks.is_multiple_of(CAPS_EVERY_TICKS) {
                self.send_caps(index);
            }
        }
    }
}
