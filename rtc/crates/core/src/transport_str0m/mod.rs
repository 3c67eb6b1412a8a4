//! The only door to str0m. Beyond it the engine speaks its own words: `Negotiated`,
//! `Pkt`, `OutPkt`, `Transmit`. Replace this folder and nothing else knows.
//!
//! Contract of str0m kept here: after every mutation the caller drains `poll` until
//! it says `Poll::Deadline`; several `write`s may share one drain.

mod answer;
mod clock;
mod convert;
mod frames;
mod peer;

pub use answer::AcceptConfig;
pub use frames::{FrameConfig, FrameEvent, FramePoll, FrameTransport, ReceivedFrame};
pub use peer::{PeerTransport, Poll, TransportEvent};

use std::time::Duration;

use str0m::Rtc;
use str0m::format::{CodecConfig, FormatParams};
use str0m::media::Mid;
use str0m::rtp::{Extension, ExtensionMap};

/// What the far side sent is unusable. `code` is stable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    pub message: String,
}

impl Refusal {
    pub fn new(code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal {
            code,
            message: message.into(),
        }
    }

    fn bad_sdp(error: impl std::fmt::Display) -> Refusal {
        Refusal::new("bad_sdp", error.to_string())
    }
}

/// How the transport failed. Anything else a peer sends is dropped, never fatal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportFailure(pub String);

/// Reports once a second each, so that a joining recorder soon knows the time of
/// both audio and video (str0m's default for audio is five seconds).
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
const STATS_INTERVAL: Duration = Duration::from_secs(1);
/// Start of the send-side estimate: high enough for the teacher's picture at once.
const INITIAL_ESTIMATE_BPS: u64 = 2_500_000;
/// Packets kept for NACK: 3 s of a 2.5 Mbit/s picture.
const RESEND_PACKETS: usize = 1_024;
const RESEND_AGE: Duration = Duration::from_secs(3);
/// Resends above this share of a stream's bytes are dropped. Country lines lose in
/// bursts; str0m's 15 % would starve them just then.
const RESEND_SHARE: f32 = 0.5;

/// H.264 in packetization mode 1 before VP8, Opus: what recording, HLS and every
/// browser take without transcoding.
fn configure_codecs(codecs: &mut CodecConfig) {
    codecs.clear();
    codecs.enable_opus(true);
    const H264: [(u8, u8, u32); 4] = [
        (108, 109, 0x42e01f),
        (127, 121, 0x42001f),
        (123, 119, 0x4d001f),
        (114, 115, 0x64001f),
    ];
    for (payload_type, repair, profile) in H264 {
        codecs.add_config(
            payload_type.into(),
            Some(repair.into()),
            str0m::format::Codec::H264,
            str0m::media::Frequency::NINETY_KHZ,
            None,
            FormatParams {
                level_asymmetry_allowed: Some(true),
                packetization_mode: Some(1),
                profile_level_id: Some(profile),
                ..FormatParams::default()
            },
        );
    }
    codecs.enable_vp8(true);
}

fn size_resend_caches(rtc: &mut Rtc, mids: impl Iterator<Item = Mid>) {
    for mid in mids {
        let mut direct = rtc.direct_api();
        if let Some(stream) = direct.stream_tx_by_mid(mid, None)
            && stream.rtx().is_some()
        {
            stream.set_rtx_cache(RESEND_PACKETS, RESEND_AGE, Some(RESEND_SHARE));
        }
    }
}

fn extensions() -> ExtensionMap {
    let mut map = ExtensionMap::empty();
    map.set(1, Extension::AudioLevel);
    map.set(2, Extension::AbsoluteSendTime);
    map.set(3, Extension::TransportSequenceNumber);
    map.set(4, Extension::RtpMid);
    map.set(10, Extension::RtpStreamId);
    map.set(11, Extension::RepairedRtpStreamId);
    map.set(12, Extension::AbsoluteCaptureTime);
    map.set(13, Extension::VideoOrientation);
    map
}
