//! Which slot shows what, and the keyframe requests that follow from it.

use std::time::Instant;

use crate::counters::Total;
use crate::media::{Kind, Rid};
use crate::peer::{IngressLayer, Sink, Slot, Source};
use crate::shard::Shard;

/// One layer as a caller names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerName {
    pub uid: u64,
    pub section: usize,
    pub rid: Option<Rid>,
}

impl Shard {
    /// Points a slot at the layers of a publication, lowest first.
    pub fn connect_slot(
        &mut self,
        uid: u64,
        section: usize,
        layers: &[LayerName],
        target: Option<usize>,
        now: Instant,
    ) {
        let Some(index) = self.index(uid) else {
            return;
        };
        let sources: Vec<Source> = layers.iter().filter_map(|l| self.source(l)).collect();
        let Some(slot) = self.slot(index, section) else {
            return;
        };
        if slot.sources != sources {
            self.disconnect_slot(index, section);
            for (layer, source) in sources.iter().enumerate() {
                let sink = Sink {
                    peer: index,
                    section,
                    layer,
                };
                if let Some(ingress) = self.ingress(source) {
                    ingress.sinks.push(sink);
                }
            }
            if let Some(slot) = self.slot(index, section) {
                slot.sources = sources;
            }
        }
        self.select(index, section, target, now);
    }

    pub fn select_layer(&mut self, uid: u64, section: usize, target: Option<usize>, now: Instant) {
        if let Some(index) = self.index(uid) {
            self.select(index, section, target, now);
        }
    }

    fn select(&mut self, index: usize, section: usize, target: Option<usize>, now: Instant) {
        let Some(slot) = self.slot(index, section) else {
            return;
        };
        let target = target.filter(|t| *t < slot.sources.len());
        slot.selector.select(target);
        self.want_target_keyframe(index, section, now);
    }

    /// Asks for what a slot waits for.
    pub(crate) fn want_target_keyframe(&mut self, index: usize, section: usize, now: Instant) {
        let Some(slot) = self.slot(index, section) else {
            return;
        };
        if slot.selector.target() == slot.selector.current() {
            return;
        }
        let wanted = slot.selector.target().and_then(|t| slot.sources.get(t));
        if let Some(source) = wanted.copied() {
            self.want_keyframe(source.peer, source.section, source.layer, now);
        }
    }

    /// A receiver lost the picture it is being sent.
    pub(crate) fn keyframe_wanted_by(&mut self, index: usize, section: usize, now: Instant) {
        let Some(slot) = self.slot(index, section) else {
            return;
        };
        slot.keyframe_requests += 1;
        let shown = slot.selector.current().or(slot.selector.target());
        let source = shown.and_then(|layer| slot.sources.get(layer)).copied();
        if let Some(source) = source {
            self.want_keyframe(source.peer, source.section, source.layer, now);
        }
    }

    /// Hard mute: packets of this publication end at ingress.
    pub fn set_forwarding(&mut self, uid: u64, section: usize, enabled: bool, now: Instant) {
        let Some(index) = self.index(uid) else {
            return;
        };
        let publication = self
            .peer(index)
            .and_then(|p| p.sections.get_mut(section))
            .and_then(|s| s.publication.as_mut());
        let Some(publication) = publication else {
            return;
        };
        if publication.enabled == enabled {
            return;
        }
        publication.enabled = enabled;
        let sinks: Vec<Sink> = publication
            .layers
            .iter()
            .flat_map(|l| l.sinks.iter().copied())
            .collect();
        for sink in sinks {
            if let Some(slot) = self.slot(sink.peer, sink.section) {
                slot.selector.interrupt();
            }
            if enabled {
                self.want_target_keyframe(sink.peer, sink.section, now);
            }
        }
    }

    pub fn request_keyframe(&mut self, name: LayerName, now: Instant) {
        if let Some(source) = self.source(&name) {
            self.want_keyframe(source.peer, source.section, source.layer, now);
        }
    }

    pub fn set_desired_bitrate(&mut self, uid: u64, bps: u64) {
        if let Some(index) = self.index(uid)
            && let Some(peer) = self.peer(index)
        {
            peer.transport.set_desired_bitrate(bps);
            self.touch(index);
        }
    }

    pub fn restart_estimate(&mut self, uid: u64, bps: u64) {
        if let Some(index) = self.index(uid)
            && let Some(peer) = self.peer(index)
        {
            peer.transport.restart_estimate(bps);
            self.touch(index);
        }
    }

    /// A ceiling for what a publisher sends here, told by REMB.
    pub fn cap_ingress(&mut self, uid: u64, section: usize, bps: u64) {
        let Some(index) = self.index(uid) else {
            return;
        };
        let publication = self
            .peer(index)
            .and_then(|p| p.sections.get_mut(section))
            .and_then(|s| s.publication.as_mut());
        if let Some(publication) = publication {
            publication.cap_bps = Some(bps);
            self.send_caps(index);
        }
    }

    /// Repeats the ceilings: reports get lost, and before the first packet there is
    /// no stream to report on.
    pub(crate) fn send_caps(&mut self, index: usize) {
        let Some(peer) = self.peer(index) else {
            return;
        };
        let mut sent = false;
        for (section, s) in peer.sections.iter().enumerate() {
            let Some((publication, bps)) = s
                .publication
                .as_ref()
                .and_then(|p| p.cap_bps.map(|bps| (p, bps)))
            else {
                continue;
            };
            if let Some(layer) = publication.layers.iter().find(|l| l.ssrc.is_some()) {
                peer.transport.request_remb(section, layer.rid, bps);
                sent = true;
            }
        }
        if sent {
            self.touch(index);
        }
    }

    pub(crate) fn want_keyframe(
        &mut self,
        index: usize,
        section: usize,
        layer: usize,
        now: Instant,
    ) {
        let source = Source {
            peer: index,
            section,
            layer,
        };
        let video = self
            .peer(index)
            .and_then(|p| p.sections.get(section))
            .is_some_and(|s| s.kind == Kind::Video);
        if video && let Some(ingress) = self.ingress(&source) {
            ingress.throttle.want();
            self.send_due_request(source, now);
        }
    }

    fn send_due_request(&mut self, source: Source, now: Instant) {
        let Some(ingress) = self.ingress(&source) else {
            return;
        };
        if !ingress.throttle.due(now) {
            return;
        }
        let rid = ingress.rid;
        let Some(peer) = self.peer(source.peer) else {
            return;
        };
        if !peer.transport.request_keyframe(source.section, rid) {
            return;
        }
        if let Some(ingress) = self.ingress(&source) {
            ingress.throttle.sent(now);
            ingress.tally.keyframe_requests += 1;
        }
        self.counters.add(Total::PlisOut, 1);
        self.touch(source.peer);
    }

    /// Requests the throttle held back, or that nobody could be asked yet.
    pub(crate) fn due_keyframe_requests(&mut self, index: usize, now: Instant) {
        let Some(peer) = self.peer(index) else {
            return;
        };
        let mut due = vec![];
        for (section, s) in peer.sections.iter().enumerate() {
            let layers = s.publication.iter().flat_map(|p| p.layers.iter());
            for (layer, ingress) in layers.enumerate() {
                if ingress.throttle.due(now) {
                    due.push(Source {
                        peer: index,
                        section,
                        layer,
                    });
                }
            }
        }
        for source in due {
            self.send_due_request(source, now);
        }
    }

    /// Takes a leaving peer out of every route.
    pub(crate) fn cut_routes(&mut self, index: usize) {
        let Some(peer) = self.peer(index) else {
            return;
        };
        let sections = peer.sections.len();
        let sinks: Vec<Sink> = peer
            .sections
            .iter()
            .flat_map(|s| s.publication.iter())
            .flat_map(|p| p.layers.iter())
            .flat_map(|l| l.sinks.iter().copied())
            .collect();
        for section in 0..sections {
            self.disconnect_slot(index, section);
        }
        for sink in sinks {
            self.disconnect_slot(sink.peer, sink.section);
        }
    }

    fn disconnect_slot(&mut self, index: usize, section: usize) {
        let Some(slot) = self.slot(index, section) else {
            return;
        };
        slot.selector.select(None);
        let sources = std::mem::take(&mut slot.sources);
        for source in sources {
            if let Some(ingress) = self.ingress(&source) {
                ingress
                    .sinks
                    .retain(|s| (s.peer, s.section) != (index, section));
            }
        }
    }

    fn source(&self, name: &LayerName) -> Option<Source> {
        let peer = self.index(name.uid)?;
        let section = self.peers[peer].as_ref()?.sections.get(name.section)?;
        let layers = &section.publication.as_ref()?.layers;
        let layer = layers.iter().position(|l| l.rid == name.rid)?;
        Some(Source {
            peer,
            section: name.section,
            layer,
        })
    }

    fn ingress(&mut self, source: &Source) -> Option<&mut IngressLayer> {
        let section = self.peer(source.peer)?.sections.get_mut(source.section)?;
        section.publication.as_mut()?.layers.get_mut(source.layer)
    }

    fn slot(&mut self, index: usize, section: usize) -> Option<&mut Slot> {
        self.peer(index)?.sections.get_mut(section)?.slot.as_mut()
    }
}
