//! The answer to a participant's offer, and the `Rtc` that goes with it.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use str0m::bwe::Bitrate;
use str0m::change::SdpOffer;
use str0m::media::Mid;
use str0m::rtp::Extension;
use str0m::{IceCreds, Rtc};

use super::{
    INITIAL_ESTIMATE_BPS, REPORT_INTERVAL, Refusal, STATS_INTERVAL, configure_codecs, convert,
    extensions, size_resend_caches,
};
use crate::media::{Negotiated, NegotiatedSection, Proto};
use crate::sdp_text;

const MAX_OFFER_BYTES: usize = 256 * 1024;
pub const MAX_SECTIONS: usize = 64;

pub struct AcceptConfig<'a> {
    /// What stands for all our addresses inside the ICE agent; see
    /// `PeerTransport::receive`.
    pub local: SocketAddr,
    /// What is written into the answer.
    pub advertised: &'a [SocketAddr],
    pub tcp: bool,
    /// Makes the user fragment unique among the peers of a shard.
    pub ufrag_prefix: String,
}

pub fn answer(
    offer: &str,
    config: &AcceptConfig<'_>,
    now: Instant,
) -> Result<(Rtc, Negotiated), Refusal> {
    if offer.len() > MAX_OFFER_BYTES {
        return Err(Refusal::bad_sdp("offer is larger than 256 KiB"));
    }
    let scan = sdp_text::scan_offer(offer);
    if scan.sections.len() > MAX_SECTIONS {
        return Err(Refusal::bad_sdp("more than 64 m-sections"));
    }
    if !scan.has_fingerprint {
        return Err(Refusal::new(
            "no_fingerprint",
            "offer carries no a=fingerprint",
        ));
    }
    // str0m asserts on some malformed input; a bad offer must not cost more
    // than its own refusal.
    catch_unwind(AssertUnwindSafe(|| {
        answer_scanned(offer, &scan, config, now)
    }))
    .unwrap_or_else(|_| Err(Refusal::bad_sdp("offer is inconsistent")))
}

/// In the order of the offer's m-sections that are used.
pub fn mids(negotiated: &Negotiated) -> Vec<Mid> {
    let sections = negotiated.sections.iter();
    sections.map(|s| s.mid.as_str().into()).collect()
}

fn answer_scanned(
    offer: &str,
    scan: &sdp_text::OfferScan,
    config: &AcceptConfig<'_>,
    now: Instant,
) -> Result<(Rtc, Negotiated), Refusal> {
    let offer = SdpOffer::from_sdp_string(&sdp_text::without_candidates(offer))
        .map_err(Refusal::bad_sdp)?;
    let creds = IceCreds::new();
    let ufrag = format!("{}{}", config.ufrag_prefix, creds.ufrag);
    let creds = IceCreds {
        ufrag: ufrag.clone(),
        pass: creds.pass,
    };
    let mut rtc = build(creds, scan.estimates_bandwidth, now);
    for proto in [Proto::Udp, Proto::Tcp] {
        if (proto == Proto::Udp || config.tcp)
            && let Some(candidate) = convert::host(config.local, proto, false)
        {
            rtc.add_local_candidate(candidate);
        }
    }
    let answer = rtc
        .sdp_api()
        .accept_offer(offer)
        .map_err(Refusal::bad_sdp)?;
    let negotiated = negotiated(&rtc, scan, config, ufrag, &answer.to_sdp_string())?;
    size_resend_caches(&mut rtc, mids(&negotiated).into_iter());
    Ok((rtc, negotiated))
}

fn build(creds: IceCreds, estimates_bandwidth: bool, now: Instant) -> Rtc {
    let initial = estimates_bandwidth.then(|| Bitrate::from(INITIAL_ESTIMATE_BPS));
    let mut config = Rtc::builder()
        .set_local_ice_credentials(creds)
        .set_ice_lite(true)
        .set_rtp_mode(true)
        .set_extension_map(extensions())
        .set_stats_interval(Some(STATS_INTERVAL))
        .set_rtcp_report_interval_audio(REPORT_INTERVAL)
        .set_rtcp_report_interval_video(REPORT_INTERVAL)
        .enable_bwe(initial);
    configure_codecs(config.codec_config());
    config.build(now)
}

fn negotiated(
    rtc: &Rtc,
    scan: &sdp_text::OfferScan,
    config: &AcceptConfig<'_>,
    local_ufrag: String,
    answer: &str,
) -> Result<Negotiated, Refusal> {
    let mut sections = vec![];
    for offered in &scan.sections {
        let Some(section) = convert::section(rtc, &offered.mid) else {
            continue;
        };
        if offered.active && section.codecs.is_empty() {
            return Err(no_codec(&section));
        }
        sections.push(section);
    }
    let transport_cc = scan.estimates_bandwidth
        && sections.iter().any(|s| {
            s.direction.receives()
                && rtc.media(s.mid.as_str().into()).is_some_and(|m| {
                    m.remote_extmap()
                        .id_of(Extension::TransportSequenceNumber)
                        .is_some()
                })
        });
    Ok(Negotiated {
        answer: sdp_text::with_candidates(answer, config.advertised, config.tcp),
        sections,
        estimates_bandwidth: transport_cc,
        local_ufrag,
    })
}

fn no_codec(section: &NegotiatedSection) -> Refusal {
    let (mid, kind) = (&section.mid, section.kind.as_str());
    Refusal::new(
        "no_codec",
        format!("section {mid} ({kind}) offers none of H264 (packetization-mode 1), VP8, opus"),
    )
}
