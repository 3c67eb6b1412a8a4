//! Matching codecs between peers and finding keyframes, on plain bytes.

use crate::media::{Codec, CodecName};

/// Chooses the payload type of a receiver for what a publisher sends.
///
/// H.264: the same profile first, else the nearest one that decodes it, else any
/// (decoders are more tolerant than their offers). Packetization mode is always 1:
/// the transport offers no other.
pub fn match_codec(published: &Codec, receiver: &[Codec]) -> Option<u8> {
    receiver
        .iter()
        .filter(|c| c.name == published.name)
        .max_by_key(|c| profile_score(published.profile_level_id, c.profile_level_id))
        .map(|c| c.payload_type)
}

fn profile_score(published: u32, receiver: u32) -> u32 {
    let (from, to) = (h264_profile(published), h264_profile(receiver));
    if from == to {
        return 3;
    }
    // A higher profile decodes a lower one; RFC 6184 §8.1 orders them so.
    if to > from { 2 } else { 1 }
}

/// Constrained baseline 0, baseline 1, main 2, high 3 (RFC 6184 §8.1, table 5).
fn h264_profile(profile_level_id: u32) -> u32 {
    let idc = profile_level_id >> 16;
    let constrained = profile_level_id & 0x4000 != 0;
    match (idc, constrained) {
        (0x42, true) => 0,
        (0x42, false) => 1,
        (0x4d, _) => 2,
        (0x64, _) => 3,
        _ => 0,
    }
}

/// True when a decoder can begin with this packet.
pub fn starts_keyframe(codec: CodecName, payload: &[u8]) -> bool {
    match codec {
        CodecName::H264 => h264_has_sps(payload),
        CodecName::Vp8 => crate::vp8::starts_keyframe(payload),
        CodecName::Opus => true,
    }
}

/// A sequence parameter set opens a keyframe: an IDR slice without one in band
/// cannot be decoded by a receiver that just joined (RFC 6184 §5.4, table 1).
fn h264_has_sps(payload: &[u8]) -> bool {
    const SPS: u8 = 7;
    const STAP_A: u8 = 24;
    const FU_A: u8 = 28;
    let Some(first) = payload.first() else {
        return false;
    };
    match first & 0x1f {
        SPS => true,
        STAP_A => stap_has(&payload[1..], SPS),
        FU_A => payload
            .get(1)
            .is_some_and(|fu| fu & 0x80 != 0 && fu & 0x1f == SPS),
        _ => false,
    }
}

fn stap_has(mut units: &[u8], nal_type: u8) -> bool {
    while units.len() > 2 {
        let len = usize::from(u16::from_be_bytes([units[0], units[1]]));
        if units[2] & 0x1f == nal_type {
            return true;
        }
        let Some(rest) = units.get(2 + len..) else {
            return false;
        };
        units = rest;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn h264(payload_type: u8, profile_level_id: u32) -> Codec {
        Codec {
            payload_type,
            name: CodecName::H264,
            profile_level_id,
        }
    }

    #[test]
    fn the_same_profile_wins_over_a_higher_one() {
        let receiver = [h264(1, 0x64001f), h264(2, 0x42e01f), h264(3, 0x42001f)];
        assert_eq!(match_codec(&h264(99, 0x42e034), &receiver), Some(2));
        assert_eq!(match_codec(&h264(99, 0x4d001f), &receiver), Some(1));
    }

    #[test]
    fn a_receiver_without_the_codec_gets_nothing() {
        let vp8 = Codec {
            payload_type: 96,
            name: CodecName::Vp8,
            profile_level_id: 0,
        };
        assert_eq!(match_codec(&vp8, &[h264(1, 0x42e01f)]), None);
    }

    #[test]
    fn a_parameter_set_opens_a_keyframe_alone_or_aggregated() {
        assert!(starts_keyframe(CodecName::H264, &[0x67, 1, 2]));
        assert!(starts_keyframe(
            CodecName::H264,
            &[0x78, 0, 2, 0x68, 1, 0, 2, 0x67, 1]
        ));
        assert!(!starts_keyframe(CodecName::H264, &[0x65, 1, 2]));
        assert!(!starts_keyframe(CodecName::H264, &[0x7c, 0x85, 2]));
        assert!(!starts_keyframe(CodecName::H264, &[0x78, 0xff, 0xff, 0x68]));
        assert!(!starts_keyframe(CodecName::H264, &[]));
    }
}
