//! What a datagram is (RFC 7983), decided before any peer sees it.

/// The kind of one datagram.
#[derive(Debug, PartialEq, Eq)]
pub enum Class<'a> {
    Empty,
    Garbage,
    /// A STUN binding request with the user fragment of ours it names.
    StunRequest {
        local_ufrag: &'a str,
    },
    /// Any other STUN. As ICE-lite we ask nothing, so nothing may answer.
    StunOther,
    Dtls,
    Rtp,
    Rtcp,
    /// RTP whose header does not fit its own lengths.
    BrokenRtp,
    /// RTP with SSRC 0.
    Probe,
}

const STUN_HEADER: usize = 20;
const STUN_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: u16 = 0x0001;
const USERNAME: u16 = 0x0006;

pub fn classify(buf: &[u8]) -> Class<'_> {
    match buf.first() {
        None => Class::Empty,
        Some(0..=3) => classify_stun(buf),
        Some(20..=63) if buf.len() >= 13 => Class::Dtls,
        Some(128..=191) => classify_rtp(buf),
        _ => Class::Garbage,
    }
}

fn classify_stun(buf: &[u8]) -> Class<'_> {
    if buf.len() < STUN_HEADER || buf[4..8] != STUN_COOKIE {
        return Class::Garbage;
    }
    if u16::from_be_bytes([buf[0], buf[1]]) != BINDING_REQUEST {
        return Class::StunOther;
    }
    match username(&buf[STUN_HEADER..]).and_then(|u| u.split_once(':')) {
        Some((local_ufrag, _)) => Class::StunRequest { local_ufrag },
        None => Class::Garbage,
    }
}

/// RFC 8489 §14: type, length, value padded to four bytes.
fn username(mut attributes: &[u8]) -> Option<&str> {
    while attributes.len() >= 4 {
        let kind = u16::from_be_bytes([attributes[0], attributes[1]]);
        let len = usize::from(u16::from_be_bytes([attributes[2], attributes[3]]));
        let value = attributes.get(4..4 + len)?;
        if kind == USERNAME {
            return std::str::from_utf8(value).ok();
        }
        attributes = attributes.get(4 + len.next_multiple_of(4)..)?;
    }
    None
}

/// RTCP packet types 192..=223 share the second octet with RTP payload types
/// (RFC 5761 §4).
fn classify_rtp(buf: &[u8]) -> Class<'_> {
    if buf.len() < 8 {
        return Class::Garbage;
    }
    if (192..=223).contains(&buf[1]) {
        return Class::Rtcp;
    }
    match buf.get(8..12) {
        // Bandwidth probes of libwebrtc. They carry no media, and str0m 0.23.1 makes a
        // stream for them before it has authenticated anything, which then wants
        // reports for ever without getting them: a busy loop by one forged packet.
        Some([0, 0, 0, 0]) => Class::Probe,
        Some(_) if header_fits(buf) => Class::Rtp,
        _ => Class::BrokenRtp,
    }
}

/// RFC 3550 §5.1 and RFC 8285 §4: every length inside the header fits.
fn header_fits(buf: &[u8]) -> bool {
    let csrc_end = 12 + usize::from(buf[0] & 0x0f) * 4;
    if buf[0] & 0x10 == 0 {
        return buf.len() >= csrc_end;
    }
    let Some(head) = buf.get(csrc_end..csrc_end + 4) else {
        return false;
    };
    let profile = u16::from_be_bytes([head[0], head[1]]);
    let len = usize::from(u16::from_be_bytes([head[2], head[3]])) * 4;
    let Some(block) = buf.get(csrc_end + 4..csrc_end + 4 + len) else {
        return false;
    };
    match profile {
        0xbede => elements_fit(block, 1),
        _ if profile >> 4 == 0x100 => elements_fit(block, 2),
        _ => true,
    }
}

/// Walks one-byte (RFC 8285 §4.2) or two-byte (§4.3) elements.
fn elements_fit(block: &[u8], header_len: usize) -> bool {
    let mut at = 0;
    while at < block.len() {
        let id = if header_len == 1 {
            block[at] >> 4
        } else {
            block[at]
        };
        if id == 0 {
            at += 1;
            continue;
        }
        if header_len == 1 && id == 15 {
            return true;
        }
        let len = if header_len == 1 {
            usize::from(block[at] & 0x0f) + 1
        } else {
            match block.get(at + 1) {
                Some(len) => usize::from(*len),
                None => return false,
            }
        };
        at += header_len + len;
    }
    at == block.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rtp(extension: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x90, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7];
        packet.extend_from_slice(extension);
        packet
    }

    #[test]
    fn a_binding_request_names_whom_it_wants() {
        let mut request = vec![0, 1, 0, 12];
        request.extend_from_slice(&STUN_COOKIE);
        request.extend_from_slice(&[0; 12]);
        request.extend_from_slice(&[0, 6, 0, 7]);
        request.extend_from_slice(b"ab12:xy\0");
        assert_eq!(
            classify(&request),
            Class::StunRequest {
                local_ufrag: "ab12"
            }
        );
        request[1] = 1;
        request[0] = 1;
        assert_eq!(classify(&request), Class::StunOther);
    }

    #[test]
    fn truncated_and_lying_stun_is_garbage() {
        let mut request = vec![0, 1, 0, 12];
        request.extend_from_slice(&STUN_COOKIE);
        request.extend_from_slice(&[0; 12]);
        assert_eq!(classify(&request), Class::Garbage);
        request.extend_from_slice(&[0, 6, 0xff, 0xff, 1, 2]);
        assert_eq!(classify(&request), Class::Garbage);
        assert_eq!(classify(&[]), Class::Empty);
        assert_eq!(classify(&[1]), Class::Garbage);
        assert_eq!(classify(&[0x80]), Class::Garbage);
        assert_eq!(classify(&[22, 1]), Class::Garbage);
    }

    #[test]
    fn header_extensions_that_overrun_are_broken() {
        let good = [0xbe, 0xde, 0, 1, 0x10, 0x7f, 0, 0];
        assert_eq!(classify(&rtp(&good)), Class::Rtp);
        let element_overruns = [0xbe, 0xde, 0, 1, 0x1f, 0x7f, 0, 0];
        assert_eq!(classify(&rtp(&element_overruns)), Class::BrokenRtp);
        let block_overruns = [0xbe, 0xde, 0, 9, 0x10, 0x7f, 0, 0];
        assert_eq!(classify(&rtp(&block_overruns)), Class::BrokenRtp);
        let two_byte = [0x10, 0x00, 0, 1, 1, 2, 9, 9];
        assert_eq!(classify(&rtp(&two_byte)), Class::Rtp);
        let two_byte_overruns = [0x10, 0x00, 0, 1, 1, 3, 9, 9];
        assert_eq!(classify(&rtp(&two_byte_overruns)), Class::BrokenRtp);
        assert_eq!(
            classify(&[0x8f, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7]),
            Class::BrokenRtp
        );
    }

    #[test]
    fn a_packet_of_no_source_is_a_probe() {
        assert_eq!(
            classify(&[0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]),
            Class::Probe
        );
    }

    #[test]
    fn the_second_octet_separates_reports_from_media() {
        assert_eq!(classify(&[0x80, 200, 0, 1, 0, 0, 0, 1]), Class::Rtcp);
        assert_eq!(classify(&rtp(&[0xbe, 0xde, 0, 0])), Class::Rtp);
    }
}
