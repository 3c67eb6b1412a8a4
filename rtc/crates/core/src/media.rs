//! Our own words for media: what the engine knows beyond the transport door.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Audio,
    Video,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Audio => "audio",
            Kind::Video => "video",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodecName {
    H264,
    Vp8,
    Opus,
}

impl CodecName {
    pub fn as_str(self) -> &'static str {
        match self {
            CodecName::H264 => "H264",
            CodecName::Vp8 => "VP8",
            CodecName::Opus => "opus",
        }
    }

    pub fn parse(name: &str) -> Option<CodecName> {
        match name.to_ascii_lowercase().as_str() {
            "h264" => Some(CodecName::H264),
            "vp8" => Some(CodecName::Vp8),
            "opus" => Some(CodecName::Opus),
            _ => None,
        }
    }

    pub fn kind(self) -> Kind {
        match self {
            CodecName::Opus => Kind::Audio,
            CodecName::H264 | CodecName::Vp8 => Kind::Video,
        }
    }

    /// RTP ticks a second (RFC 6184 §8.2.1, RFC 7741 §6.1, RFC 7587 §4.1).
    pub fn clock_rate(self) -> u32 {
        match self {
            CodecName::Opus => 48_000,
            CodecName::H264 | CodecName::Vp8 => 90_000,
        }
    }
}

/// One negotiated payload type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Codec {
    pub payload_type: u8,
    pub name: CodecName,
    /// H.264 `profile-level-id`; 0 for the others.
    pub profile_level_id: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The participant sends media here.
    Publish,
    /// The participant receives media here: a slot.
    Receive,
    Both,
    Inactive,
}

impl Direction {
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::Publish => "publish",
            Direction::Receive => "receive",
            Direction::Both => "both",
            Direction::Inactive => "inactive",
        }
    }

    pub fn publishes(self) -> bool {
        matches!(self, Direction::Publish | Direction::Both)
    }

    pub fn receives(self) -> bool {
        matches!(self, Direction::Receive | Direction::Both)
    }
}

/// One m-section after negotiation, seen from the participant.
#[derive(Debug, Clone)]
pub struct NegotiatedSection {
    pub mid: String,
    pub kind: Kind,
    pub direction: Direction,
    /// In the order of preference.
    pub codecs: Vec<Codec>,
    /// Simulcast layers of a publishing section, in the order of the offer.
    pub rids: Vec<Rid>,
}

/// Everything the offer/answer exchange decided; never renegotiated.
#[derive(Debug, Clone)]
pub struct Negotiated {
    pub answer: String,
    pub sections: Vec<NegotiatedSection>,
    /// The peer sends transport-cc feedback for what it receives.
    pub estimates_bandwidth: bool,
    pub local_ufrag: String,
}

/// RTP stream id of a simulcast layer (RFC 8852), padded with zeros.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rid([u8; 8]);

impl Rid {
    pub fn new(text: &str) -> Rid {
        let mut bytes = [0; 8];
        for (to, from) in bytes.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        Rid(bytes)
    }

    pub fn as_str(&self) -> &str {
        let len = self.0.iter().position(|b| *b == 0).unwrap_or(8);
        std::str::from_utf8(&self.0[..len]).unwrap_or("")
    }
}

impl std::fmt::Debug for Rid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One RTP packet that came in, decrypted, duplicates and repair already resolved.
#[derive(Debug, Clone)]
pub struct Pkt {
    /// Index into `Negotiated::sections`.
    pub section: usize,
    pub rid: Option<Rid>,
    /// Of the media stream, also for a repaired packet.
    pub ssrc: u32,
    pub payload_type: u8,
    /// Extended sequence number.
    pub seq: u64,
    pub rtp_time: u32,
    pub marker: bool,
    pub arrival: Instant,
    pub payload: Arc<[u8]>,
    /// RFC 6464, -127..=0 dBov.
    pub audio_level: Option<i8>,
    pub voice_activity: Option<bool>,
    /// Quarter turns as in 3GPP TS 26.114 §7.4.5.
    pub orientation: Option<u8>,
}

/// When something was captured, on our own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Captured {
    /// Never later than its arrival, which it is while `wall` is unknown. Sender
    /// reports are made from it.
    pub at: Instant,
    /// The same on our wall clock; None before the publisher's first sender report.
    pub wall: Option<SystemTime>,
}

/// One RTP packet to be sent on a slot.
#[derive(Debug, Clone)]
pub struct OutPkt {
    pub payload_type: u8,
    pub seq: u64,
    pub rtp_time: u32,
    pub marker: bool,
    pub captured: Captured,
    pub payload: Arc<[u8]>,
    pub audio_level: Option<i8>,
    pub voice_activity: Option<bool>,
    pub orientation: Option<u8>,
    pub vp8: Option<crate::vp8::Rewrite>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Proto {
    Udp,
    Tcp,
}

impl Proto {
    pub fn as_str(self) -> &'static str {
        match self {
            Proto::Udp => "udp",
            Proto::Tcp => "tcp",
        }
    }
}

/// A datagram to be sent.
#[derive(Debug, Clone)]
pub struct Transmit {
    pub proto: Proto,
    pub destination: SocketAddr,
    /// The address of ours the peer talks to; replies must leave from it.
    pub source_ip: Option<IpAddr>,
    pub contents: Vec<u8>,
}
