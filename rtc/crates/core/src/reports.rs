//! What a shard makes of its transports' events.

use std::time::Instant;

use crate::capture_clock::LayerClock;
use crate::counters::Total;
use crate::events::{CloseReason, Event, IngressReport, SlotReport};
use crate::media::Rid;
use crate::peer::{Peer, Phase, bitrate};
use crate::shard::Shard;
use crate::transport_str0m::TransportEvent;

impl Shard {
    pub(crate) fn transport_event(&mut self, index: usize, event: TransportEvent, now: Instant) {
        let Some(peer) = self.peer(index) else {
            return;
        };
        match event {
            TransportEvent::IceConnected if peer.phase == Phase::Waiting => {
                peer.phase = Phase::Handshake;
            }
            TransportEvent::Connected => self.connected(index, now),
            TransportEvent::IceLost => self.drop_peer(index, CloseReason::IceTimeout),
            TransportEvent::Closed => self.drop_peer(index, CloseReason::Closed),
            TransportEvent::KeyframeRequest { section } => {
                self.counters.add(Total::PlisIn, 1);
                self.keyframe_wanted_by(index, section, now);
            }
            TransportEvent::Estimate { bps, source } => peer.estimate = Some((bps, source)),
            TransportEvent::SenderReport {
                section,
                rid,
                wall_us,
                rtp_time,
            } => sender_report(peer, section, rid, wall_us, rtp_time),
            TransportEvent::Ingress { .. }
            | TransportEvent::Egress { .. }
            | TransportEvent::Peer { .. } => self.statistics(index, event, now),
            TransportEvent::IceConnected | TransportEvent::Packet(_) | TransportEvent::Other => {}
        }
    }

    fn connected(&mut self, index: usize, now: Instant) {
        let Some(peer) = self.peer(index) else {
            return;
        };
        peer.phase = Phase::Connected;
        // The nominated address is not told; the last one validated is the likely
        // one, and this is for people to read.
        let (proto, address) = match peer.addresses.last() {
            Some((proto, address, _)) => (*proto, address.to_string()),
            None => return,
        };
        let name = peer.name.clone();
        let slots = peer.sections.len();
        self.emit(Event::PeerConnected {
            peer: name,
            remote_address: address,
            transport: proto,
        });
        for section in 0..slots {
            self.want_target_keyframe(index, section, now);
        }
    }

    fn statistics(&mut self, index: usize, event: TransportEvent, now: Instant) {
        let Some(peer) = self.peer(index) else {
            return;
        };
        let report = match event {
            TransportEvent::Ingress {
                section,
                rid,
                nacks_sent,
                jitter_ticks,
                rtt,
            } => {
                peer.rtt = rtt.or(peer.rtt);
                ingress_report(peer, section, rid, nacks_sent, jitter_ticks, now)
            }
            TransportEvent::Egress {
                section,
                nacks_received,
                resent_or_sent_packets,
                bytes,
                reception,
                rtt,
            } => {
                peer.rtt = rtt.or(peer.rtt);
                let figures = (nacks_received, resent_or_sent_packets, bytes);
                slot_report(peer, section, figures, reception, now)
            }
            TransportEvent::Peer {
                rx_bytes,
                tx_bytes,
                rtt,
                egress_lost_ratio,
            } => Some(Event::Peer {
                peer: peer.name.clone(),
                rtt: rtt.or(peer.rtt),
                rx_bytes,
                tx_bytes,
                egress_lost_ratio,
            }),
            _ => None,
        };
        if let Some(Event::Slot(report)) = &report {
            self.count_repair(index, report);
        }
        if let Some(report) = report {
            self.emit(report);
        }
    }

    fn count_repair(&mut self, index: usize, report: &SlotReport) {
        let nacks = report.nacks_received;
        let packets = report.packets;
        let Some(section) = self
            .peer(index)
            .and_then(|p| p.sections.iter_mut().find(|s| s.mid == report.mid))
        else {
            return;
        };
        let Some(slot) = section.slot.as_mut() else {
            return;
        };
        let new_nacks = nacks.saturating_sub(slot.counted_nacks);
        slot.counted_nacks = nacks;
        let resent = packets.saturating_sub(slot.packets_forwarded);
        let new_resent = resent.saturating_sub(slot.counted_resent);
        slot.counted_resent = slot.counted_resent.max(resent);
        self.counters.add(Total::NacksIn, new_nacks);
        self.counters.add(Total::RetransmitsOut, new_resent);
    }

    /// Audio levels, the latest estimate and the ceilings of a publisher.
    pub(crate) fn report_tick(&mut self, index: usize) {
        let Some(peer) = self.peer(index) else {
            return;
        };
        let name = peer.name.clone();
        let mut events = vec![];
        for section in &mut peer.sections {
            let level = section.publication.as_mut().and_then(|p| p.meter.take());
            if let Some(level_dbov) = level {
                events.push(Event::AudioLevel {
                    peer: name.clone(),
                    mid: section.mid.clone(),
                    level_dbov,
                });
            }
        }
        if let Some((bps, source)) = peer.estimate.take() {
            events.push(Event::BandwidthEstimate {
                peer: name,
                bps,
                source,
            });
        }
        for event in events {
            self.emit(event);
        }
    }
}

fn sender_report(peer: &mut Peer, section: usize, rid: Option<Rid>, wall_us: i64, rtp_time: u32) {
    let Some(section) = peer.sections.get_mut(section) else {
        return;
    };
    let Some(clock_rate) = section.codecs.first().map(|c| c.name.clock_rate()) else {
        return;
    };
    let layer = section
        .publication
        .as_mut()
        .and_then(|p| p.layers.iter_mut().find(|l| l.rid == rid));
    if let Some(layer) = layer {
        layer.clock = Some(LayerClock::new(wall_us, rtp_time, clock_rate));
    }
}

fn ingress_report(
    peer: &mut Peer,
    section: usize,
    rid: Option<Rid>,
    nacks_sent: u64,
    jitter_ticks: u32,
    now: Instant,
) -> Option<Event> {
    let name = peer.name.clone();
    let section = peer.sections.get_mut(section)?;
    let clock_rate = u64::from(section.codecs.first()?.name.clock_rate());
    let publication = section.publication.as_mut()?;
    let layer = publication.layers.iter_mut().find(|l| l.rid == rid)?;
    let tally = &mut layer.tally;
    let (packets, bytes) = (tally.packets, tally.bytes);
    Some(Event::Ingress(IngressReport {
        peer: name,
        mid: section.mid.clone(),
        rid,
        packets,
        bytes,
        lost: tally.lost(),
        nacks_sent,
        keyframes: tally.keyframes,
        keyframe_requests: tally.keyframe_requests,
        bitrate_bps: bitrate(
            bytes,
            &mut tally.reported_bytes,
            &mut tally.reported_at,
            now,
        ),
        jitter_us: u64::from(jitter_ticks) * 1_000_000 / clock_rate,
    }))
}

fn slot_report(
    peer: &mut Peer,
    section: usize,
    (nacks_received, packets, bytes): (u64, u64, u64),
    reception: Option<(i64, u64)>,
    now: Instant,
) -> Option<Event> {
    let name = peer.name.clone();
    let section = peer.sections.get_mut(section)?;
    let slot = section.slot.as_mut()?;
    let lost_ratio = reception.and_then(|(lost, highest)| slot.sent.lost_ratio(lost, highest, now));
    Some(Event::Slot(SlotReport {
        peer: name,
        mid: section.mid.clone(),
        layer: slot.selector.current(),
        packets,
        bytes,
        bitrate_bps: bitrate(bytes, &mut slot.reported_bytes, &mut slot.reported_at, now),
        nacks_received,
        keyframe_requests: slot.keyframe_requests,
        lost_ratio,
    }))
}
