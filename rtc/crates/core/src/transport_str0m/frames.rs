//! One participant at the far end: full ICE, encoded frames in and out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use str0m::bwe::{Bitrate, BweKind};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::PayloadParams;
use str0m::media::{Direction as StrDirection, KeyframeRequestKind, MediaData, MediaTime, Mid, Pt};
use str0m::net::Receive;
use str0m::{Event, IceConnectionState, Input, Output, Rtc};

use super::clock::Clock;
use super::{
    INITIAL_ESTIMATE_BPS, REPORT_INTERVAL, Refusal, STATS_INTERVAL, TransportFailure,
    configure_codecs, convert, extensions, size_resend_caches,
};
use crate::events::EstimateSource;
use crate::media::{CodecName, Kind, Proto, Transmit};
use crate::sdp_text;

/// Packets held back for a hole to be filled: 0.5-1 s of a picture, long enough for
/// two rounds of NACK on a bad line.
const REORDER_VIDEO_PACKETS: usize = 100;

#[derive(Debug, Clone)]
pub struct FrameConfig {
    pub send: Vec<(Kind, CodecName)>,
    pub receive_audio: usize,
    pub receive_video: usize,
    pub candidates: Vec<(Proto, SocketAddr)>,
}

pub struct FrameTransport {
    rtc: Rtc,
    clock: Clock,
    offer: String,
    pending: Option<SdpPendingOffer>,
    send: Vec<(Mid, CodecName)>,
    receive: Vec<(Mid, Kind)>,
    /// Time zero of the RTP timestamps we send.
    epoch: Instant,
    nacks: u64,
    /// Sections whose last frame was lost on the way.
    broken: Vec<Mid>,
}

#[derive(Debug)]
pub struct ReceivedFrame {
    pub mid: String,
    pub codec: CodecName,
    pub data: Arc<[u8]>,
    pub rtp_time: u64,
    pub clock_rate: u32,
    pub capture_us: Option<i64>,
    pub arrival: Instant,
    pub keyframe: bool,
    pub contiguous: bool,
}

#[derive(Debug)]
pub enum FrameEvent {
    Connected,
    IceLost,
    Closed,
    Frame(ReceivedFrame),
    Estimate {
        bps: u64,
        source: EstimateSource,
    },
    KeyframeRequested {
        mid: String,
        rid: Option<String>,
    },
    NacksSent(u64),
    /// A frame of which only a useless part came.
    FrameLost,
    Other,
}

#[derive(Debug)]
pub enum FramePoll {
    Deadline(Instant),
    Transmit(Transmit),
    Event(FrameEvent),
}

impl FrameTransport {
    pub fn new(config: &FrameConfig, now: Instant) -> FrameTransport {
        let mut builder = Rtc::builder()
            .set_extension_map(extensions())
            .set_stats_interval(Some(STATS_INTERVAL))
            .set_rtcp_report_interval_audio(REPORT_INTERVAL)
            .set_rtcp_report_interval_video(REPORT_INTERVAL)
            .set_reordering_size_video(REORDER_VIDEO_PACKETS);
        if !config.send.is_empty() {
            builder = builder.enable_bwe(Some(Bitrate::from(INITIAL_ESTIMATE_BPS)));
        }
        configure_codecs(builder.codec_config());
        let mut rtc = builder.build(now);
        for (proto, address) in &config.candidates {
            if let Some(candidate) = convert::host(*address, *proto, true) {
                rtc.add_local_candidate(candidate);
            }
        }
        let mut changes = rtc.sdp_api();
        let mut add = |kind, direction| {
            changes.add_media(convert::media_kind(kind), direction, None, None, None)
        };
        let send: Vec<_> = config
            .send
            .iter()
            .map(|(kind, codec)| (add(*kind, StrDirection::SendOnly), *codec))
            .collect();
        let wanted = std::iter::repeat_n(Kind::Audio, config.receive_audio)
            .chain(std::iter::repeat_n(Kind::Video, config.receive_video));
        let receive: Vec<_> = wanted
            .map(|kind| (add(kind, StrDirection::RecvOnly), kind))
            .collect();
        let (mut offer, pending) = match changes.apply() {
            Some((offer, pending)) => (offer.to_sdp_string(), Some(pending)),
            None => (String::new(), None),
        };
        for (mid, codec) in &send {
            offer = sdp_text::keep_only_codec(&offer, mid, codec.as_str());
        }
        FrameTransport {
            rtc,
            clock: Clock::new(now),
            offer,
            pending,
            send,
            receive,
            epoch: now,
            nacks: 0,
            broken: vec![],
        }
    }

    pub fn offer(&self) -> &str {
        &self.offer
    }

    pub fn send_mids(&self) -> Vec<String> {
        self.send.iter().map(|(mid, _)| mid.to_string()).collect()
    }

    pub fn receive_mids(&self) -> Vec<(String, Kind)> {
        self.receive
            .iter()
            .map(|(mid, kind)| (mid.to_string(), *kind))
            .collect()
    }

    pub fn accept(&mut self, answer: &str) -> Result<(), Refusal> {
        let answer = SdpAnswer::from_sdp_string(answer).map_err(Refusal::bad_sdp)?;
        let pending = self
            .pending
            .take()
            .ok_or_else(|| Refusal::bad_sdp("an answer was already accepted"))?;
        self.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .map_err(Refusal::bad_sdp)?;
        size_resend_caches(&mut self.rtc, self.send.iter().map(|(mid, _)| *mid));
        Ok(())
    }

    /// `local` must be one of the candidates given at the start.
    pub fn receive(
        &mut self,
        now: Instant,
        proto: Proto,
        source: SocketAddr,
        local: SocketAddr,
        buf: &[u8],
    ) -> Result<(), TransportFailure> {
        let Ok(receive) = Receive::new(convert::protocol(proto), source, local, buf) else {
            return Ok(());
        };
        let input = Input::Receive(self.clock.advance(now), receive);
        // A client owns its socket, so strangers' datagrams reach this point.
        if !self.rtc.accepts(&input) {
            return Ok(());
        }
        // Errors that leave the transport alive are a bad datagram, nothing more.
        let taken = self.rtc.handle_input(input);
        if self.rtc.is_alive() {
            return Ok(());
        }
        Err(TransportFailure(format!("{taken:?}")))
    }

    pub fn timeout(&mut self, now: Instant) -> Result<(), TransportFailure> {
        self.rtc
            .handle_input(Input::Timeout(self.clock.advance(now)))
            .map_err(|e| TransportFailure(e.to_string()))
    }

    /// Sends one encoded frame. Returns false when the section cannot take it: not
    /// connected, not ours, or refused by the far side.
    pub fn send_frame(
        &mut self,
        mid: &str,
        data: Arc<[u8]>,
        captured: Instant,
    ) -> Result<bool, TransportFailure> {
        let mid: Mid = mid.into();
        let Some((_, name)) = self.send.iter().find(|(m, _)| *m == mid).copied() else {
            return Ok(false);
        };
        if !self.rtc.is_connected() {
            return Ok(false);
        }
        let since = captured.saturating_duration_since(self.epoch);
        let Some(writer) = self.rtc.writer(mid) else {
            return Ok(false);
        };
        let Some(pt) = payload_type(writer.payload_params(), name) else {
            return Ok(false);
        };
        let rtp_time = MediaTime::from_micros(since.as_micros() as u64);
        writer
            .write(pt, captured, rtp_time, data)
            .map_err(|e| TransportFailure(e.to_string()))?;
        Ok(true)
    }

    pub fn request_keyframe(&mut self, mid: &str) -> bool {
        self.rtc
            .writer(mid.into())
            .is_some_and(|mut w| w.request_keyframe(None, KeyframeRequestKind::Pli).is_ok())
    }

    pub fn close(&mut self) {
        // A failing goodbye changes nothing: the client goes either way.
        let _ = self.rtc.close();
    }

    pub fn poll(&mut self) -> Result<FramePoll, TransportFailure> {
        let output = self
            .clock
            .poll(&mut self.rtc)
            .map_err(|e| TransportFailure(e.to_string()))?;
        Ok(match output {
            Output::Timeout(at) => FramePoll::Deadline(at),
            Output::Transmit(t) => FramePoll::Transmit(Transmit {
                proto: convert::proto(t.proto),
                destination: t.destination,
                source_ip: Some(t.source.ip()),
                contents: t.contents.into(),
            }),
            Output::Event(event) => FramePoll::Event(self.event(event)),
        })
    }

    fn event(&mut self, event: Event) -> FrameEvent {
        match event {
            Event::MediaData(data) => self.frame(data),
            Event::Connected => FrameEvent::Connected,
            Event::Closed => FrameEvent::Closed,
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                FrameEvent::IceLost
            }
            Event::EgressBitrateEstimate(BweKind::Twcc(rate)) => FrameEvent::Estimate {
                bps: rate.as_u64(),
                source: EstimateSource::Twcc,
            },
            Event::EgressBitrateEstimate(BweKind::Remb(_, rate)) => FrameEvent::Estimate {
                bps: rate.as_u64(),
                source: EstimateSource::Remb,
            },
            Event::KeyframeRequest(request) => FrameEvent::KeyframeRequested {
                mid: request.mid.to_string(),
                rid: request.rid.map(|r| r.to_string()),
            },
            Event::MediaIngressStats(stats) => {
                let before = self.nacks;
                self.nacks = self.nacks.max(stats.nacks);
                FrameEvent::NacksSent(self.nacks - before)
            }
            _ => FrameEvent::Other,
        }
    }

    /// A source that changes in mid-frame leaves a fragment without a picture.
    fn frame(&mut self, data: MediaData) -> FrameEvent {
        let Some(codec) = convert::codec_name(data.params.spec().codec) else {
            return FrameEvent::Other;
        };
        let mid = data.mid;
        if data.data.is_empty() {
            self.broken.push(mid);
            return FrameEvent::FrameLost;
        }
        let mut frame = received(data, codec);
        if self.broken.contains(&mid) {
            self.broken.retain(|m| *m != mid);
            frame.contiguous &= frame.keyframe;
        }
        FrameEvent::Frame(frame)
    }
}

fn payload_type<'a>(
    params: impl Iterator<Item = &'a PayloadParams>,
    name: CodecName,
) -> Option<Pt> {
    params
        .filter(|p| convert::codec_name(p.spec().codec) == Some(name))
        .map(|p| p.pt())
        .next()
}

fn received(data: MediaData, codec: CodecName) -> ReceivedFrame {
    let clock_rate = codec.clock_rate();
    let rtp_time = data.time.rebase(data.params.spec().clock_rate).numer();
    // Not from sender reports: they come a second late, say what was true before a
    // slot changed its source, and pair with RTP time zero before its first packet.
    let capture_us = data
        .ext_vals
        .abs_capture_time
        .map(|stamp| convert::unix_us(stamp.capture_time));
    ReceivedFrame {
        mid: data.mid.to_string(),
        codec,
        rtp_time,
        clock_rate,
        capture_us,
        arrival: data.network_time,
        keyframe: data.is_keyframe(),
        contiguous: data.contiguous,
        data: data.data,
    }
}
