//! What a shard knows of one participant.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use crate::audio_level::LevelMeter;
use crate::capture_clock::{CaptureClock, LayerClock};
use crate::codec::match_codec;
use crate::events::EstimateSource;
use crate::forward::Published;
use crate::media::{Codec, CodecName, Kind, Negotiated, NegotiatedSection, Pkt, Proto, Rid};
use crate::random::random_u64;
use crate::resend_budget::ResendBudget;
use crate::sent::SentNumbers;
use crate::switch::{LayerSelector, Rewriter};
use crate::throttle::KeyframeThrottle;
use crate::transport_str0m::PeerTransport;
use crate::vp8::CounterRewriter;

/// Made on the caller's thread, moved to the engine's.
pub struct NewPeer {
    pub uid: u64,
    pub name: String,
    pub negotiated: Negotiated,
    pub transport: PeerTransport,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// No check of ours has been answered yet.
    Waiting,
    /// An address is validated, DTLS is running.
    Handshake,
    Connected,
}

pub struct Peer {
    pub uid: u64,
    pub name: String,
    pub ufrag: String,
    pub transport: PeerTransport,
    pub sections: Vec<Section>,
    pub phase: Phase,
    pub joined: Instant,
    /// Addresses that proved our ICE password, and which of ours they reached.
    pub addresses: Vec<(Proto, SocketAddr, Option<IpAddr>)>,
    pub deadline: Instant,
    /// Earliest entry of the timer heap for this peer.
    pub scheduled: Option<Instant>,
    pub touched: bool,
    pub clock: CaptureClock,
    pub rtt: Option<Duration>,
    pub estimate: Option<(u64, EstimateSource)>,
    /// Of a peer without transport-cc, which nothing else paces.
    pub resends: Option<ResendBudget>,
}

pub struct Section {
    pub mid: String,
    pub kind: Kind,
    pub codecs: Vec<Codec>,
    pub publication: Option<Publication>,
    pub slot: Option<Slot>,
}

/// What a participant publishes on one m-section.
pub struct Publication {
    pub enabled: bool,
    pub layers: Vec<IngressLayer>,
    pub meter: LevelMeter,
    pub cap_bps: Option<u64>,
}

pub struct IngressLayer {
    pub rid: Option<Rid>,
    pub ssrc: Option<u32>,
    pub sinks: Vec<Sink>,
    pub throttle: KeyframeThrottle,
    pub clock: Option<LayerClock>,
    pub tally: IngressTally,
}

/// Where a layer goes: a slot, and which of the slot's layers this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sink {
    pub peer: usize,
    pub section: usize,
    pub layer: usize,
}

/// Where a slot's layer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    pub peer: usize,
    pub section: usize,
    pub layer: usize,
}

pub struct Slot {
    pub sources: Vec<Source>,
    pub selector: LayerSelector,
    pub rewriter: Rewriter,
    pub vp8: CounterRewriter,
    /// The keyframe to switch to, while the old layer ends its frame.
    pub held: Vec<Published>,
    codec: Option<(Codec, Option<u8>)>,
    pub keyframe_requests: u64,
    /// Written by us; what the transport sent beyond that is repair.
    pub packets_forwarded: u64,
    pub counted_resent: u64,
    pub counted_nacks: u64,
    pub sent: SentNumbers,
    pub reported_bytes: u64,
    pub reported_at: Option<Instant>,
}

#[derive(Debug, Default)]
pub struct IngressTally {
    pub packets: u64,
    pub bytes: u64,
    pub keyframes: u64,
    pub keyframe_requests: u64,
    first_seq: Option<u64>,
    highest_seq: u64,
    counted: u64,
    lost_before: u64,
    keyframe_time: Option<u32>,
    pub reported_bytes: u64,
    pub reported_at: Option<Instant>,
}

impl Peer {
    pub fn new(mut new: NewPeer, now: Instant) -> Peer {
        let resends = (!new.negotiated.estimates_bandwidth)
            .then(|| ResendBudget::new(new.transport.resend_ssrcs()));
        let sections = new.negotiated.sections.iter().map(Section::new).collect();
        Peer {
            uid: new.uid,
            name: new.name,
            ufrag: new.negotiated.local_ufrag,
            transport: new.transport,
            sections,
            phase: Phase::Waiting,
            joined: now,
            addresses: vec![],
            deadline: now,
            scheduled: None,
            touched: false,
            clock: CaptureClock::new(now),
            rtt: None,
            estimate: None,
            resends,
        }
    }

    /// The address of ours this peer's validated address talks to.
    pub fn reply_from(&self, destination: SocketAddr) -> Option<IpAddr> {
        self.addresses
            .iter()
            .find(|(_, address, _)| *address == destination)
            .and_then(|(_, _, ours)| *ours)
    }
}

impl Section {
    fn new(negotiated: &NegotiatedSection) -> Section {
        let publication = negotiated.direction.publishes().then(|| Publication {
            enabled: true,
            layers: ingress_layers(&negotiated.rids),
            meter: LevelMeter::default(),
            cap_bps: None,
        });
        let slot = negotiated
            .direction
            .receives()
            .then(|| Slot::new(negotiated.codecs.first()));
        Section {
            mid: negotiated.mid.clone(),
            kind: negotiated.kind,
            codecs: negotiated.codecs.clone(),
            publication,
            slot,
        }
    }

    pub fn codec(&self, payload_type: u8) -> Option<Codec> {
        self.codecs
            .iter()
            .find(|c| c.payload_type == payload_type)
            .copied()
    }
}

fn ingress_layers(rids: &[Rid]) -> Vec<IngressLayer> {
    if rids.is_empty() {
        return vec![IngressLayer::new(None)];
    }
    rids.iter().map(|r| IngressLayer::new(Some(*r))).collect()
}

impl IngressLayer {
    fn new(rid: Option<Rid>) -> IngressLayer {
        IngressLayer {
            rid,
            ssrc: None,
            sinks: vec![],
            throttle: KeyframeThrottle::default(),
            clock: None,
            tally: IngressTally::default(),
        }
    }
}

impl IngressTally {
    pub fn count(&mut self, pkt: &Pkt, opens_keyframe: bool) {
        self.packets += 1;
        self.counted += 1;
        self.bytes += pkt.payload.len() as u64;
        self.first_seq.get_or_insert(pkt.seq);
        self.highest_seq = self.highest_seq.max(pkt.seq);
        if opens_keyframe && self.keyframe_time != Some(pkt.rtp_time) {
            self.keyframe_time = Some(pkt.rtp_time);
            self.keyframes += 1;
        }
    }

    pub fn is_late(&self, seq: u64) -> bool {
        self.first_seq.is_some() && seq < self.highest_seq
    }

    /// A new stream took the layer over: its numbers begin anywhere.
    pub fn restart(&mut self) {
        self.lost_before = self.lost();
        self.first_seq = None;
        self.highest_seq = 0;
        self.counted = 0;
    }

    /// Expected minus received, repaired packets count as received
    /// (RFC 3550 appendix A.3).
    pub fn lost(&self) -> u64 {
        let expected = match self.first_seq {
            Some(first) => (self.highest_seq + 1).saturating_sub(first),
            None => 0,
        };
        self.lost_before + expected.saturating_sub(self.counted)
    }
}

impl Slot {
    fn new(codec: Option<&Codec>) -> Slot {
        let clock_rate = codec.map_or(CodecName::H264, |c| c.name).clock_rate();
        let random = random_u64();
        Slot {
            sources: vec![],
            selector: LayerSelector::default(),
            rewriter: Rewriter::new(clock_rate, random as u16, (random >> 16) as u32),
            vp8: CounterRewriter::default(),
            held: vec![],
            codec: None,
            keyframe_requests: 0,
            packets_forwarded: 0,
            counted_resent: 0,
            counted_nacks: 0,
            sent: SentNumbers::default(),
            reported_bytes: 0,
            reported_at: None,
        }
    }

    /// The receiver's payload type for what the publisher sends.
    pub fn payload_type(&mut self, published: Codec, receiver: &[Codec]) -> Option<u8> {
        match self.codec {
            Some((known, payload_type)) if known == published => payload_type,
            _ => {
                let payload_type = match_codec(&published, receiver);
                self.codec = Some((published, payload_type));
                payload_type
            }
        }
    }
}

/// Bits a second since the last report.
pub fn bitrate(bytes: u64, reported: &mut u64, at: &mut Option<Instant>, now: Instant) -> u64 {
    let passed = at.map(|t| now.saturating_duration_since(t));
    let new = bytes.saturating_sub(*reported);
    *reported = bytes;
    *at = Some(now);
    match passed {
        Some(passed) if !passed.is_zero() => (new as f64 * 8.0 / passed.as_secs_f64()) as u64,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pkt(seq: u64) -> Pkt {
        Pkt {
            section: 0,
            rid: None,
            ssrc: 1,
            payload_type: 96,
            seq,
            rtp_time: 0,
            marker: false,
            arrival: Instant::now(),
            payload: vec![0; 10].into(),
            audio_level: None,
            voice_activity: None,
            orientation: None,
        }
    }

    #[test]
    fn holes_count_as_lost_until_they_are_repaired() {
        let mut tally = IngressTally::default();
        for seq in [10, 11, 14, 15] {
            tally.count(&pkt(seq), false);
        }
        assert_eq!(tally.lost(), 2);
        tally.count(&pkt(12), false);
        assert_eq!(tally.lost(), 1);
        tally.restart();
        tally.count(&pkt(90_000), false);
        tally.count(&pkt(90_002), false);
        assert_eq!(tally.lost(), 2);
    }
}
