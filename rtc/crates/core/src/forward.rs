//! From one published packet to every slot that shows it.

use std::time::Instant;

use crate::codec::starts_keyframe;
use crate::counters::Total;
use crate::media::{Captured, Codec, CodecName, Kind, OutPkt, Pkt};
use crate::peer::{Phase, Sink, Slot};
use crate::shard::Shard;
use crate::switch::{Admission, Glance};
use crate::vp8;

/// Packets a slot may hold while it changes its layer: a large keyframe.
const MAX_HELD: usize = 256;

/// A published packet with what all its receivers need to know.
#[derive(Debug, Clone)]
pub struct Published {
    pkt: Pkt,
    codec: Codec,
    opens_keyframe: bool,
    captured: Captured,
}

impl Published {
    fn glance(&self, layer: usize) -> Glance {
        Glance {
            layer,
            rtp_time: self.pkt.rtp_time,
            opens_keyframe: self.opens_keyframe,
            // Each packet of sound stands for itself.
            ends_frame: self.pkt.marker || self.codec.name.kind() == Kind::Audio,
        }
    }
}

impl Shard {
    pub(crate) fn forward(&mut self, index: usize, pkt: Pkt, now: Instant) {
        let counters = self.counters.clone();
        let section_index = pkt.section;
        let Some(peer) = self.peer(index) else {
            return;
        };
        let Some(section) = peer.sections.get_mut(section_index) else {
            return;
        };
        let codec = section.codec(pkt.payload_type);
        let Some(publication) = section.publication.as_mut() else {
            return;
        };
        if !publication.enabled {
            return counters.add(Total::DroppedMuted, 1);
        }
        let Some(codec) = codec else {
            return counters.add(Total::DroppedUnknownCodec, 1);
        };
        if let Some(level) = pkt.audio_level {
            publication.meter.hear(level);
        }
        let found = publication.layers.iter().position(|l| l.rid == pkt.rid);
        let Some(layer_index) = found else {
            return counters.add(Total::DroppedUnknownLayer, 1);
        };
        let layer = &mut publication.layers[layer_index];
        let restarted = layer.ssrc.is_some_and(|ssrc| ssrc != pkt.ssrc);
        layer.ssrc = Some(pkt.ssrc);
        if restarted {
            layer.tally.restart();
            // Another stream, another RTP clock.
            layer.clock = None;
        }
        // A repaired first packet comes after the rest of its keyframe was let go: no
        // decoder of a slot that waited can begin with it.
        let opens_keyframe =
            !layer.tally.is_late(pkt.seq) && starts_keyframe(codec.name, &pkt.payload);
        layer
            .tally
            .count(&pkt, opens_keyframe && codec.name.kind() == Kind::Video);
        if opens_keyframe {
            layer.throttle.keyframe_came();
        }
        let published = Published {
            captured: peer
                .clock
                .captured(layer.clock.as_ref(), pkt.rtp_time, pkt.arrival),
            pkt,
            codec,
            opens_keyframe,
        };
        let sinks = std::mem::take(&mut layer.sinks);
        let mut keyframe_needed = false;
        for sink in &sinks {
            keyframe_needed |= self.feed(sink, &published, restarted);
        }
        self.put_back(index, section_index, layer_index, sinks);
        if keyframe_needed {
            self.want_keyframe(index, section_index, layer_index, now);
        }
    }

    fn put_back(&mut self, index: usize, section: usize, layer: usize, sinks: Vec<Sink>) {
        let layer = self
            .peer(index)
            .and_then(|p| p.sections.get_mut(section))
            .and_then(|s| s.publication.as_mut())
            .and_then(|p| p.layers.get_mut(layer));
        if let Some(layer) = layer {
            layer.sinks = sinks;
        }
    }

    /// Gives a packet to one slot. True when the slot waits for a keyframe.
    fn feed(&mut self, sink: &Sink, published: &Published, restarted: bool) -> bool {
        let Some(peer) = self.peers[sink.peer].as_mut() else {
            return false;
        };
        if peer.phase != Phase::Connected {
            return false;
        }
        let Some(section) = peer.sections.get_mut(sink.section) else {
            return false;
        };
        let Some(slot) = section.slot.as_mut() else {
            return false;
        };
        if restarted && slot.selector.current() == Some(sink.layer) {
            slot.selector.interrupt();
        }
        if !slot.selector.is_holding() {
            slot.held.clear();
        }
        match slot.selector.admit(&published.glance(sink.layer)) {
            Admission::Ignore => {}
            Admission::Late => self.send_late(sink, published),
            Admission::NeedsKeyframe => return true,
            Admission::Hold if slot.held.len() < MAX_HELD => slot.held.push(published.clone()),
            Admission::Hold => {}
            Admission::Switch => self.send(sink, published, true),
            Admission::Forward => self.send(sink, published, false),
            Admission::Finish => {
                self.send(sink, published, false);
                self.send_held(sink);
            }
            Admission::Release => {
                let belongs = slot.selector.current() == Some(sink.layer);
                self.send_held(sink);
                if belongs {
                    self.send(sink, published, false);
                }
            }
        }
        false
    }

    fn send_held(&mut self, sink: &Sink) {
        let slot = self
            .peer(sink.peer)
            .and_then(|p| p.sections.get_mut(sink.section))
            .and_then(|s| s.slot.as_mut());
        let Some(slot) = slot else {
            return;
        };
        let held = std::mem::take(&mut slot.held);
        let layer = slot.selector.current().unwrap_or(sink.layer);
        for (position, published) in held.iter().enumerate() {
            self.send(&Sink { layer, ..*sink }, published, position == 0);
        }
    }

    /// Fills a hole of the layer a slot showed before, or does nothing. VP8 has no
    /// such packets: its counters have moved on.
    fn send_late(&mut self, sink: &Sink, published: &Published) {
        if published.codec.name == CodecName::Vp8 || published.pkt.payload.is_empty() {
            return;
        }
        let Some(peer) = self.peers[sink.peer].as_mut() else {
            return;
        };
        let Some(section) = peer.sections.get_mut(sink.section) else {
            return;
        };
        let Some(slot) = section.slot.as_mut() else {
            return;
        };
        let pkt = &published.pkt;
        let Some(numbers) = slot.rewriter.rewrite_late(pkt.seq, pkt.rtp_time) else {
            return;
        };
        let Some(payload_type) = slot.payload_type(published.codec, &section.codecs) else {
            return;
        };
        let out = out_packet(slot, payload_type, published, numbers, false);
        slot.packets_forwarded += 1;
        slot.sent.add(out.seq, pkt.arrival);
        self.counters.add(Total::PacketsForwarded, 1);
        peer.transport.write(sink.section, out);
        self.touch(sink.peer);
    }

    /// Writes a packet to a slot, with numbers of the slot's own.
    fn send(&mut self, sink: &Sink, published: &Published, starts: bool) {
        let Some(peer) = self.peers[sink.peer].as_mut() else {
            return;
        };
        let Some(section) = peer.sections.get_mut(sink.section) else {
            return;
        };
        let Some(slot) = section.slot.as_mut() else {
            return;
        };
        let Some(payload_type) = slot.payload_type(published.codec, &section.codecs) else {
            return self.counters.add(Total::DroppedNoMatchingCodec, 1);
        };
        if starts {
            start_source(slot, published);
        }
        slot.selector.sent(&published.glance(sink.layer));
        if published.pkt.payload.is_empty() {
            slot.rewriter.skip(published.pkt.seq);
            return self.counters.add(Total::DroppedPadding, 1);
        }
        let pkt = &published.pkt;
        let numbers = slot
            .rewriter
            .rewrite(pkt.seq, pkt.rtp_time, published.captured.at);
        let Some(numbers) = numbers else {
            return self.counters.add(Total::DroppedLate, 1);
        };
        let out = out_packet(slot, payload_type, published, numbers, starts);
        slot.packets_forwarded += 1;
        slot.sent.add(out.seq, pkt.arrival);
        self.counters.add(Total::PacketsForwarded, 1);
        peer.transport.write(sink.section, out);
        self.touch(sink.peer);
    }
}

fn start_source(slot: &mut Slot, published: &Published) {
    let pkt = &published.pkt;
    slot.rewriter
        .start(pkt.seq, pkt.rtp_time, published.captured.at);
    if let Some(counters) = vp8_counters(published) {
        slot.vp8.start(counters);
    }
}

fn out_packet(
    slot: &mut Slot,
    payload_type: u8,
    published: &Published,
    (seq, rtp_time): (u64, u32),
    starts: bool,
) -> OutPkt {
    let pkt = &published.pkt;
    let audio = published.codec.name.kind() == Kind::Audio;
    OutPkt {
        payload_type,
        seq,
        rtp_time,
        // A new voice begins a talk spurt (RFC 3551 §4.1).
        marker: pkt.marker || (audio && starts),
        captured: published.captured,
        payload: pkt.payload.clone(),
        audio_level: pkt.audio_level,
        voice_activity: pkt.voice_activity,
        orientation: pkt.orientation,
        vp8: vp8_counters(published).map(|c| slot.vp8.rewrite(c)),
    }
}

fn vp8_counters(published: &Published) -> Option<vp8::Counters> {
    match published.codec.name {
        CodecName::Vp8 => vp8::counters(&published.pkt.payload),
        CodecName::H264 | CodecName::Opus => None,
    }
}
