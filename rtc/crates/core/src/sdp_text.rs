//! The few things we do to SDP as text, before and after the transport sees it.

use std::net::SocketAddr;

use crate::media::Kind;

const TRANSPORT_CC_URI: &str = "transport-wide-cc-extensions-01";

/// What must be known of an offer before the transport is built.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct OfferScan {
    pub sections: Vec<OfferedSection>,
    pub has_fingerprint: bool,
    /// The peer will send transport-cc feedback for a section it receives.
    pub estimates_bandwidth: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub struct OfferedSection {
    pub mid: String,
    pub kind: Kind,
    /// Neither refused by the offerer nor inactive.
    pub active: bool,
}

pub fn scan_offer(offer: &str) -> OfferScan {
    let mut scan = OfferScan {
        has_fingerprint: offer.contains("a=fingerprint:"),
        ..OfferScan::default()
    };
    for section in sections(offer).skip(1) {
        let Some(kind) = section_kind(section) else {
            continue;
        };
        if let Some(mid) = attribute(section, "a=mid:") {
            scan.sections.push(OfferedSection {
                mid: mid.to_owned(),
                kind,
                active: is_active(section),
            });
        }
        let only_sends = section.contains("a=sendonly") || section.contains("a=inactive");
        let feedback = section
            .lines()
            .any(|l| l.starts_with("a=rtcp-fb:") && l.trim_end().ends_with("transport-cc"));
        if !only_sends && feedback && section.contains(TRANSPORT_CC_URI) {
            scan.estimates_bandwidth = true;
        }
    }
    scan
}

/// Drops the remote candidates: as ICE-lite we learn the peer's addresses from its
/// checks (RFC 8445 §7.3.1.3), and browsers hide theirs behind names we cannot
/// resolve anyway.
pub fn without_candidates(sdp: &str) -> String {
    lines_where(sdp, |l| !is_candidate_line(l))
}

/// Writes our candidates into every m-section. One would do for browsers; aiortc
/// keeps only what the last section of a bundle says (measured with 1.16).
pub fn with_candidates(answer: &str, addresses: &[SocketAddr], tcp: bool) -> String {
    let mut block = String::new();
    for (index, address) in addresses.iter().enumerate() {
        block.push_str(&candidate_line(index, address, "udp"));
    }
    if tcp {
        for (index, address) in addresses.iter().enumerate() {
            block.push_str(&candidate_line(index, address, "tcp"));
        }
    }
    block.push_str("a=end-of-candidates\r\n");
    let mut out = String::new();
    for (index, section) in sections(answer).enumerate() {
        out.push_str(&lines_where(section, |l| !is_candidate_line(l)));
        if index > 0 {
            out.push_str(&block);
        }
    }
    out
}

/// Candidate priority as in RFC 8445 §5.1.2.1 (host: type preference 126) and
/// RFC 6544 §4.2 for TCP (lower than any UDP host).
fn candidate_line(index: usize, address: &SocketAddr, proto: &str) -> String {
    let type_preference: u32 = if proto == "udp" { 126 } else { 90 };
    let local_preference = 65_535 - index.min(65_535) as u32;
    let priority = (type_preference << 24) + (local_preference << 8) + 255;
    let suffix = if proto == "udp" {
        ""
    } else {
        " tcptype passive"
    };
    format!(
        "a=candidate:{proto}{index} 1 {proto} {priority} {} {} typ host{suffix}\r\n",
        address.ip(),
        address.port(),
    )
}

/// Leaves only payload types of one codec (and their repair) in m-section `mid`.
pub fn keep_only_codec(sdp: &str, mid: &str, codec: &str) -> String {
    sections(sdp)
        .map(|section| {
            if attribute(section, "a=mid:") == Some(mid) {
                narrow_section(section, codec)
            } else {
                section.to_owned()
            }
        })
        .collect()
}

fn narrow_section(section: &str, codec: &str) -> String {
    let mut keep: Vec<&str> = vec![];
    for line in section.lines() {
        if let Some((pt, name)) = line
            .strip_prefix("a=rtpmap:")
            .and_then(|r| r.split_once(' '))
            && name
                .to_ascii_lowercase()
                .starts_with(&format!("{}/", codec.to_ascii_lowercase()))
        {
            keep.push(pt);
        }
    }
    for line in section.lines() {
        if let Some((pt, apt)) = line
            .strip_prefix("a=fmtp:")
            .and_then(|r| r.split_once(" apt="))
            && keep.contains(&apt.trim())
        {
            keep.push(pt);
        }
    }
    let mut out = String::new();
    for line in section.lines() {
        if line.starts_with("m=") {
            let mut words = line.split(' ');
            let head: Vec<&str> = words.by_ref().take(3).collect();
            let pts = words.filter(|pt| keep.contains(pt));
            let all: Vec<&str> = head.into_iter().chain(pts).collect();
            out.push_str(&all.join(" "));
        } else if payload_type_of(line).is_some_and(|pt| !keep.contains(&pt)) {
            continue;
        } else {
            out.push_str(line);
        }
        out.push_str("\r\n");
    }
    out
}

fn payload_type_of(line: &str) -> Option<&str> {
    ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"]
        .iter()
        .find_map(|p| line.strip_prefix(p))
        .and_then(|rest| rest.split(' ').next())
}

/// The session part first, then one piece per m-line, line ends kept.
fn sections(sdp: &str) -> impl Iterator<Item = &str> {
    let mut starts = vec![0];
    starts.extend(sdp.match_indices("\nm=").map(|(at, _)| at + 1));
    starts.push(sdp.len());
    (0..starts.len() - 1).map(move |i| &sdp[starts[i]..starts[i + 1]])
}

/// Port 0 refuses a section, unless it only says that the bundle's first has the port
/// (RFC 9143 §6).
fn is_active(section: &str) -> bool {
    let refused = section.split(' ').nth(1) == Some("0");
    let bundled = section.contains("a=bundle-only");
    (!refused || bundled) && !section.contains("a=inactive")
}

fn section_kind(section: &str) -> Option<Kind> {
    if section.starts_with("m=audio") {
        Some(Kind::Audio)
    } else if section.starts_with("m=video") {
        Some(Kind::Video)
    } else {
        None
    }
}

fn attribute<'a>(section: &'a str, prefix: &str) -> Option<&'a str> {
    section
        .lines()
        .find_map(|l| l.strip_prefix(prefix))
        .map(str::trim)
}

fn is_candidate_line(line: &str) -> bool {
    line.starts_with("a=candidate:") || line.starts_with("a=end-of-candidates")
}

fn lines_where(sdp: &str, keep: impl Fn(&str) -> bool) -> String {
    sdp.lines()
        .filter(|l| keep(l))
        .flat_map(|l| [l, "\r\n"])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n\
        a=fingerprint:sha-256 AA\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\n\
        a=rtcp-fb:111 transport-cc\r\n\
        a=extmap:3 http://x/transport-wide-cc-extensions-01\r\n\
        a=candidate:1 1 udp 1 host.local 5 typ host\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 97 108 109\r\na=mid:v\r\na=recvonly\r\n\
        a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n\
        a=rtpmap:108 H264/90000\r\na=rtcp-fb:108 nack\r\na=fmtp:108 x=1\r\n\
        a=rtpmap:109 rtx/90000\r\na=fmtp:109 apt=108\r\n";

    #[test]
    fn a_peer_that_only_sends_gives_no_estimate() {
        let scan = scan_offer(OFFER);
        assert_eq!(
            scan.sections,
            vec![
                OfferedSection {
                    mid: "0".into(),
                    kind: Kind::Audio,
                    active: true
                },
                OfferedSection {
                    mid: "v".into(),
                    kind: Kind::Video,
                    active: true
                },
            ]
        );
        let refused = OFFER.replace("m=video 9", "m=video 0");
        assert!(!scan_offer(&refused).sections[1].active);
        assert!(scan.has_fingerprint);
        assert!(!scan.estimates_bandwidth);
        let receiving = OFFER.replace("a=sendonly", "a=recvonly");
        assert!(scan_offer(&receiving).estimates_bandwidth);
    }

    #[test]
    fn candidates_stand_in_every_section_and_foreign_ones_go() {
        let address = "10.1.2.3:4000".parse().unwrap();
        let sdp = with_candidates(OFFER, &[address], true);
        assert_eq!(sdp.matches("10.1.2.3 4000 typ host\r\n").count(), 2);
        assert_eq!(sdp.matches("typ host tcptype passive").count(), 2);
        assert_eq!(sdp.matches("a=end-of-candidates").count(), 2);
        assert!(!sdp.contains("host.local"));
        assert!(!without_candidates(OFFER).contains("a=candidate"));
    }

    #[test]
    fn one_codec_and_its_repair_stay() {
        let sdp = keep_only_codec(OFFER, "v", "h264");
        assert!(sdp.contains("m=video 9 UDP/TLS/RTP/SAVPF 108 109\r\n"));
        assert!(!sdp.contains("VP8") && !sdp.contains("apt=96"));
        assert!(sdp.contains("a=fmtp:109 apt=108"));
        assert!(sdp.contains("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"));
    }
}
