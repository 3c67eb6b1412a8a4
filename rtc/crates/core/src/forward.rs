//! From one published packet to every slot that shows it.

use std::time::Instant;

use crate::codec::starts_keyframe;
use crate::counters::Total;
use crate::media::{Codec, CodecName, Kind, OutPkt, Pkt};
use crate::peer::{Phase, Sink, Slot};
use crate::shard::Shard;
use crate::switch::Admission;
use crate::vp8;

/// A published packet with what all its receivers need to know.
struct Published<'a> {
    pkt: &'a Pkt,
    codec: Codec,
    opens_keyframe: bool,
    captured: Instant,
}

impl Shard {
    pub(crate) fn forward(&mut self, index: usize, pkt: Pkt, now: Instant) {
        let counters = self.counters.clone();
        let Some(peer) = self.peer(index) else {
            return;
        };
        let Some(section) = peer.sections.get_mut(pkt.section) else {
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
            return counters.add(Total::DroppedUnknownCodec, 1);
        };
        let layer = &mut publication.layers[layer_index];
        let restarted = layer.ssrc.is_some_and(|ssrc| ssrc != pkt.ssrc);
        layer.ssrc = Some(pkt.ssrc);
        if restarted {
            layer.tally.restart();
        }
        let opens_keyframe = starts_keyframe(codec.name, &pkt.payload);
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
            pkt: &pkt,
            codec,
            opens_keyframe,
        };
        let sinks = std::mem::take(&mut layer.sinks);
        let mut keyframe_needed = false;
        for sink in &sinks {
            keyframe_needed |= self.feed(sink, &published, restarted);
        }
        self.put_back(index, pkt.section, layer_index, sinks);
        if keyframe_needed {
            self.want_keyframe(index, pkt.section, layer_index, now);
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
    fn feed(&mut self, sink: &Sink, published: &Published<'_>, restarted: bool) -> bool {
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
        let Some(payload_type) = slot.payload_type(published.codec, &section.codecs) else {
            self.counters.add(Total::DroppedNoMatchingCodec, 1);
            return false;
        };
        if restarted && slot.selector.current() == Some(sink.layer) {
            slot.selector.interrupt();
        }
        let admission = slot.selector.admit(sink.layer, published.opens_keyframe);
        match admission {
            Admission::Ignore => return false,
            Admission::NeedsKeyframe => return true,
            Admission::Switch => start_source(slot, published),
            Admission::Forward => {}
        }
        if published.pkt.payload.is_empty() {
            slot.rewriter.skip(published.pkt.seq);
            self.counters.add(Total::DroppedPadding, 1);
            return false;
        }
        let Some(out) = rewrite(slot, payload_type, published, admission) else {
            self.counters.add(Total::DroppedLate, 1);
            return false;
        };
        slot.packets_forwarded += 1;
        peer.transport.write(sink.section, out);
        self.touch(sink.peer);
        false
    }
}

fn start_source(slot: &mut Slot, published: &Published<'_>) {
    let pkt = published.pkt;
    slot.rewriter
        .start(pkt.seq, pkt.rtp_time, published.captured);
    if let Some(counters) = vp8_counters(published) {
        slot.vp8.start(counters);
    }
}

fn rewrite(
    slot: &mut Slot,
    payload_type: u8,
    published: &Published<'_>,
    admission: Admission,
) -> Option<OutPkt> {
    let pkt = published.pkt;
    let (seq, rtp_time) = slot
        .rewriter
        .rewrite(pkt.seq, pkt.rtp_time, published.captured)?;
    let audio = published.codec.name.kind() == Kind::Audio;
    Some(OutPkt {
        payload_type,
        seq,
        rtp_time,
        // A new voice begins a talk spurt (RFC 3551 §4.1).
        marker: pkt.marker || (audio && admission == Admission::Switch),
        captured: published.captured,
        payload: pkt.payload.clone(),
        audio_level: pkt.audio_level,
        voice_activity: pkt.voice_activity,
        orientation: pkt.orientation,
        vp8: vp8_counters(published).map(|c| slot.vp8.rewrite(c)),
    })
}

fn vp8_counters(published: &Published<'_>) -> Option<vp8::Counters> {
    match published.codec.name {
        CodecName::Vp8 => vp8::counters(&published.pkt.payload),
        CodecName::H264 | CodecName::Opus => None,
    }
}
