//! One participant of a Forwarder: ICE-lite, packets in and out.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::bwe::{Bitrate, BweKind};
use str0m::media::{KeyframeRequestKind, Mid, SenderFeedback};
use str0m::net::Receive;
use str0m::rtp::{RtpPacket, RtpWrite, Vp8Descriptor, Vp8Patch};
use str0m::stats::{MediaEgressStats, MediaIngressStats, PeerStats};
use str0m::{Event, IceConnectionState, Input, Output, Rtc};

use super::answer::{AcceptConfig, MAX_SECTIONS, answer, mids};
use super::clock::Clock;
use super::{Refusal, TransportFailure, convert};
use crate::events::EstimateSource;
use crate::media::{Negotiated, OutPkt, Pkt, Proto, Rid, Transmit};

pub struct PeerTransport {
    rtc: Rtc,
    clock: Clock,
    local: SocketAddr,
    mids: Vec<Mid>,
    /// Streams seen so far; the mid extension stops after the first report.
    streams: Vec<(u32, usize, Option<Rid>)>,
}

#[derive(Debug)]
pub enum Poll {
    /// Nothing more to do before this moment.
    Deadline(Instant),
    Transmit(Transmit),
    Event(TransportEvent),
}

#[derive(Debug)]
pub enum TransportEvent {
    IceConnected,
    IceLost,
    /// DTLS is up, media may flow.
    Connected,
    /// The peer said goodbye.
    Closed,
    Packet(Pkt),
    KeyframeRequest {
        section: usize,
    },
    Estimate {
        bps: u64,
        source: EstimateSource,
    },
    SenderReport {
        section: usize,
        rid: Option<Rid>,
        /// Sender's wall clock, microseconds since the Unix epoch.
        wall_us: i64,
        rtp_time: u32,
    },
    Ingress {
        section: usize,
        rid: Option<Rid>,
        nacks_sent: u64,
        /// RTP ticks (RFC 3550 §6.4.1).
        jitter_ticks: u32,
        rtt: Option<Duration>,
    },
    Egress {
        section: usize,
        nacks_received: u64,
        resent_or_sent_packets: u64,
        bytes: u64,
        /// Packets lost so far and highest sequence number, as the receiver says.
        reception: Option<(i64, u64)>,
        rtt: Option<Duration>,
    },
    Peer {
        rx_bytes: u64,
        tx_bytes: u64,
        rtt: Option<Duration>,
        egress_lost_ratio: Option<f32>,
    },
    /// Something we have no use for.
    Other,
}

impl PeerTransport {
    /// Answers an offer. Runs on the caller's thread; the result may move to the
    /// engine's.
    pub fn accept(
        offer: &str,
        config: &AcceptConfig<'_>,
        now: Instant,
    ) -> Result<(PeerTransport, Negotiated), Refusal> {
        let (rtc, negotiated) = answer(offer, config, now)?;
        let transport = PeerTransport {
            rtc,
            clock: Clock::new(now),
            local: config.local,
            mids: mids(&negotiated),
            streams: vec![],
        };
        Ok((transport, negotiated))
    }

    /// True for a STUN request that proves knowledge of our ICE password.
    pub fn validates(&self, now: Instant, proto: Proto, source: SocketAddr, buf: &[u8]) -> bool {
        match Receive::new(convert::protocol(proto), source, self.local, buf) {
            Ok(receive) => self.rtc.accepts(&Input::Receive(now, receive)),
            Err(_) => false,
        }
    }

    /// Takes a datagram that the demultiplexer assigned to this peer. Returns false
    /// when it was not even parseable.
    ///
    /// The agent sees one local address whichever of ours the datagram reached: as
    /// ICE-lite it only answers, and the engine knows where to answer from.
    pub fn receive(
        &mut self,
        now: Instant,
        proto: Proto,
        source: SocketAddr,
        buf: &[u8],
    ) -> Result<bool, TransportFailure> {
        let Ok(receive) = Receive::new(convert::protocol(proto), source, self.local, buf) else {
            return Ok(false);
        };
        let now = self.clock.advance(now);
        let taken = self.rtc.handle_input(Input::Receive(now, receive));
        if !self.rtc.is_alive() {
            return Err(TransportFailure(format!("{taken:?}")));
        }
        Ok(taken.is_ok())
    }

    pub fn timeout(&mut self, now: Instant) -> Result<(), TransportFailure> {
        self.rtc
            .handle_input(Input::Timeout(self.clock.advance(now)))
            .map_err(|e| TransportFailure(e.to_string()))
    }

    pub fn write(&mut self, section: usize, pkt: OutPkt) {
        let Some(mid) = self.mids.get(section) else {
            return;
        };
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(*mid, None) else {
            return;
        };
        let values = convert::extension_values(&pkt);
        let patch = pkt.vp8.and_then(|r| vp8_patch(&pkt.payload, r));
        let mut write = RtpWrite::new(
            pkt.payload_type.into(),
            pkt.seq.into(),
            pkt.rtp_time,
            pkt.captured.at,
            pkt.payload,
        )
        .marker(pkt.marker)
        .ext_vals(values)
        .nackable(true);
        if let Some(patch) = patch {
            write = write.vp8_patch(patch);
        }
        stream.write_rtp(write);
    }

    pub fn resend_ssrcs(&mut self) -> Vec<u32> {
        let mut direct = self.rtc.direct_api();
        self.mids
            .iter()
            .filter_map(|mid| direct.stream_tx_by_mid(*mid, None)?.rtx())
            .map(|ssrc| *ssrc)
            .collect()
    }

    /// Returns false when nothing has come in on that layer yet.
    pub fn request_keyframe(&mut self, section: usize, rid: Option<Rid>) -> bool {
        let Some(mid) = self.mids.get(section) else {
            return false;
        };
        let mut direct = self.rtc.direct_api();
        match direct.stream_rx_by_mid(*mid, rid.map(|r| r.as_str().into())) {
            Some(stream) => {
                stream.request_keyframe(KeyframeRequestKind::Pli);
                true
            }
            None => false,
        }
    }

    pub fn request_remb(&mut self, section: usize, rid: Option<Rid>, bps: u64) {
        let Some(mid) = self.mids.get(section) else {
            return;
        };
        let mut direct = self.rtc.direct_api();
        if let Some(stream) = direct.stream_rx_by_mid(*mid, rid.map(|r| r.as_str().into())) {
            stream.request_remb(Bitrate::from(bps));
        }
    }

    pub fn set_desired_bitrate(&mut self, bps: u64) {
        self.rtc.bwe().set_desired_bitrate(Bitrate::from(bps));
    }

    /// Forgets what was learned of the line: the estimate begins anew at `bps`, and
    /// str0m probes at three and six times of that at once, as after connecting.
    pub fn restart_estimate(&mut self, bps: u64) {
        self.rtc.bwe().reset(Bitrate::from(bps));
    }

    /// Says goodbye (DTLS close_notify); drain `poll` afterwards.
    pub fn close(&mut self) {
        // A failing goodbye changes nothing: the peer is dropped either way.
        let _ = self.rtc.close();
    }

    pub fn poll(&mut self) -> Result<Poll, TransportFailure> {
        let output = self
            .clock
            .poll(&mut self.rtc)
            .map_err(|e| TransportFailure(e.to_string()))?;
        Ok(match output {
            Output::Timeout(at) => Poll::Deadline(at),
            Output::Transmit(t) => Poll::Transmit(Transmit {
                proto: convert::proto(t.proto),
                destination: t.destination,
                source_ip: None,
                contents: t.contents.into(),
            }),
            Output::Event(event) => Poll::Event(self.event(event)),
        })
    }

    fn event(&mut self, event: Event) -> TransportEvent {
        match event {
            Event::RtpPacket(packet) => self.packet(packet),
            Event::Connected => TransportEvent::Connected,
            Event::Closed => TransportEvent::Closed,
            Event::IceConnectionStateChange(state) => match state {
                IceConnectionState::Connected | IceConnectionState::Completed => {
                    TransportEvent::IceConnected
                }
                IceConnectionState::Disconnected => TransportEvent::IceLost,
                _ => TransportEvent::Other,
            },
            Event::KeyframeRequest(request) => match self.section(request.mid) {
                Some(section) => TransportEvent::KeyframeRequest { section },
                None => TransportEvent::Other,
            },
            Event::EgressBitrateEstimate(BweKind::Twcc(rate)) => TransportEvent::Estimate {
                bps: rate.as_u64(),
                source: EstimateSource::Twcc,
            },
            Event::EgressBitrateEstimate(BweKind::Remb(_, rate)) => TransportEvent::Estimate {
                bps: rate.as_u64(),
                source: EstimateSource::Remb,
            },
            Event::SenderFeedback(feedback) => self.sender_report(&feedback),
            Event::MediaIngressStats(stats) => self.ingress(stats),
            Event::MediaEgressStats(stats) => self.egress(stats),
            Event::PeerStats(stats) => peer_stats(&stats),
            _ => TransportEvent::Other,
        }
    }

    /// A report from before the first packet pairs the wall clock with nothing:
    /// str0m 0.23.1 sends RTP time zero then.
    fn sender_report(&self, feedback: &SenderFeedback) -> TransportEvent {
        let info = &feedback.sender_info;
        match self.section(feedback.mid) {
            Some(section) if info.sender_packet_count > 0 => TransportEvent::SenderReport {
                section,
                rid: feedback.rid.map(|r| Rid::new(&r)),
                wall_us: convert::unix_us(info.ntp_time),
                rtp_time: info.rtp_time.numer() as u32,
            },
            _ => TransportEvent::Other,
        }
    }

    fn packet(&mut self, packet: RtpPacket) -> TransportEvent {
        let values = &packet.header.ext_vals;
        let Some((section, rid)) = self.layer_of(*packet.header.ssrc) else {
            return TransportEvent::Other;
        };
        TransportEvent::Packet(Pkt {
            section,
            rid,
            ssrc: *packet.header.ssrc,
            payload_type: *packet.header.payload_type,
            seq: *packet.seq_no,
            rtp_time: packet.header.timestamp,
            marker: packet.header.marker,
            arrival: packet.timestamp,
            audio_level: values.audio_level,
            voice_activity: values.voice_activity,
            orientation: values.video_orientation.map(|o| o as u8),
            payload: packet.payload,
        })
    }

    fn layer_of(&mut self, ssrc: u32) -> Option<(usize, Option<Rid>)> {
        if let Some((_, section, rid)) = self.streams.iter().find(|s| s.0 == ssrc) {
            return Some((*section, *rid));
        }
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_rx(&ssrc.into())?;
        let (mid, rid) = (stream.mid(), stream.rid().map(|r| Rid::new(&r)));
        let section = self.section(mid)?;
        if self.streams.len() >= MAX_SECTIONS {
            self.streams.remove(0);
        }
        self.streams.push((ssrc, section, rid));
        Some((section, rid))
    }

    fn section(&self, mid: Mid) -> Option<usize> {
        self.mids.iter().position(|m| *m == mid)
    }

    fn ingress(&self, stats: MediaIngressStats) -> TransportEvent {
        match self.section(stats.mid) {
            Some(section) => TransportEvent::Ingress {
                section,
                rid: stats.rid.map(|r| Rid::new(&r)),
                nacks_sent: stats.nacks,
                jitter_ticks: stats.jitter,
                rtt: stats.rtt,
            },
            None => TransportEvent::Other,
        }
    }

    fn egress(&self, stats: MediaEgressStats) -> TransportEvent {
        match self.section(stats.mid) {
            Some(section) => TransportEvent::Egress {
                section,
                nacks_received: stats.nacks,
                resent_or_sent_packets: stats.packets,
                bytes: stats.bytes,
                // str0m 0.23.1 receivers wrap a negative fraction_lost (RFC 3550
                // appendix A.3) into almost everything lost: only totals are sound.
                reception: stats
                    .remote
                    .map(|r| (signed_24_bits(r.packets_lost), *r.maximum_sequence_number)),
                rtt: stats.rtt,
            },
            None => TransportEvent::Other,
        }
    }
}

fn vp8_patch(payload: &[u8], rewrite: crate::vp8::Rewrite) -> Option<Vp8Patch> {
    let descriptor = Vp8Descriptor::parse(payload).ok()?;
    let mut patch = descriptor.patch().picture_id(rewrite.picture_id);
    if let Some(tl0) = rewrite.tl0_picture_index {
        patch = patch.tl0_pic_idx(tl0);
    }
    patch.build().ok()
}

/// The total of lost packets may be negative: repairs count as received.
fn signed_24_bits(value: u64) -> i64 {
    ((value << 40) as i64) >> 40
}

fn peer_stats(stats: &PeerStats) -> TransportEvent {
    TransportEvent::Peer {
        rx_bytes: stats.peer_bytes_rx,
        tx_bytes: stats.peer_bytes_tx,
        rtt: stats.rtt,
        egress_lost_ratio: stats.egress_loss_fraction,
    }
}
