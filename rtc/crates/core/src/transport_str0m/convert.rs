//! Between str0m's types and ours.

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use str0m::format::{Codec as StrCodec, PayloadParams};
use str0m::media::Direction as StrDirection;
use str0m::media::{Media, MediaKind, Rids};
use str0m::net::{Protocol, TcpType};
use str0m::rtp::{AbsCaptureTime, ExtensionValues};
use str0m::{Candidate, Rtc};

use crate::media::{Codec, CodecName, Direction, Kind, NegotiatedSection, OutPkt, Proto, Rid};

pub fn protocol(proto: Proto) -> Protocol {
    match proto {
        Proto::Udp => Protocol::Udp,
        Proto::Tcp => Protocol::Tcp,
    }
}

pub fn proto(protocol: Protocol) -> Proto {
    match protocol {
        Protocol::Udp => Proto::Udp,
        _ => Proto::Tcp,
    }
}

pub fn kind(kind: MediaKind) -> Kind {
    match kind {
        MediaKind::Audio => Kind::Audio,
        MediaKind::Video => Kind::Video,
    }
}

pub fn media_kind(kind: Kind) -> MediaKind {
    match kind {
        Kind::Audio => MediaKind::Audio,
        Kind::Video => MediaKind::Video,
    }
}

/// str0m tells the direction from our side; we tell it from the participant's.
fn direction(media: &Media) -> Direction {
    if media.disabled() {
        return Direction::Inactive;
    }
    match media.direction() {
        StrDirection::SendOnly => Direction::Receive,
        StrDirection::RecvOnly => Direction::Publish,
        StrDirection::SendRecv => Direction::Both,
        StrDirection::Inactive => Direction::Inactive,
    }
}

pub fn codec_name(codec: StrCodec) -> Option<CodecName> {
    match codec {
        StrCodec::H264 => Some(CodecName::H264),
        StrCodec::Vp8 => Some(CodecName::Vp8),
        StrCodec::Opus => Some(CodecName::Opus),
        _ => None,
    }
}

pub fn codec(params: &PayloadParams) -> Option<Codec> {
    let spec = params.spec();
    Some(Codec {
        payload_type: *params.pt(),
        name: codec_name(spec.codec)?,
        profile_level_id: spec.format.profile_level_id.unwrap_or(0),
    })
}

pub fn section(rtc: &Rtc, mid: &str) -> Option<NegotiatedSection> {
    let media = rtc.media(mid.into())?;
    let codecs = rtc
        .codec_config()
        .params()
        .iter()
        .filter(|p| media.remote_pts().contains(&p.pt()))
        .filter_map(codec)
        .collect();
    let rids = match media.rids_rx() {
        Rids::Specific(rids) => rids.iter().map(|r| Rid::new(r)).collect(),
        Rids::None | Rids::Any => vec![],
    };
    Some(NegotiatedSection {
        mid: mid.to_owned(),
        kind: kind(media.kind()),
        direction: direction(media),
        codecs,
        rids,
    })
}

pub fn extension_values(pkt: &OutPkt) -> ExtensionValues {
    ExtensionValues {
        audio_level: pkt.audio_level,
        voice_activity: pkt.voice_activity,
        video_orientation: pkt.orientation.map(Into::into),
        abs_capture_time: pkt.captured.wall.map(|capture_time| AbsCaptureTime {
            capture_time,
            clock_offset: None,
        }),
        ..ExtensionValues::default()
    }
}

pub fn host(address: SocketAddr, proto: Proto, active: bool) -> Option<Candidate> {
    match proto {
        Proto::Udp => Candidate::host(address, "udp").ok(),
        Proto::Tcp => {
            let role = if active {
                TcpType::Active
            } else {
                TcpType::Passive
            };
            Candidate::builder()
                .tcp()
                .host(address)
                .tcptype(role)
                .build()
                .ok()
        }
    }
}

/// Microseconds since the Unix epoch.
pub fn unix_us(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_micros() as i64,
        Err(before) => -(before.duration().as_micros() as i64),
    }
}
