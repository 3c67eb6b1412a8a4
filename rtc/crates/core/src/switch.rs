//! One slot: which layer goes out, and numbers that never show a seam.

use std::time::{Duration, Instant};

/// What to do with a packet of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// The layer being sent.
    Forward,
    /// First packet of the layer wanted: it opens a keyframe.
    Switch,
    /// Part of the keyframe to switch to, while the old layer is in mid-frame.
    Hold,
    /// Last packet of the old layer's frame; then what was held begins.
    Finish,
    /// What was held begins now; then this packet, if it belongs to the new layer.
    Release,
    /// A packet of the layer sent before: it may fill a hole left behind.
    Late,
    /// The layer wanted, but a decoder cannot begin here.
    NeedsKeyframe,
    Ignore,
}

/// What the selector must know of a packet.
#[derive(Debug, Clone, Copy)]
pub struct Glance {
    pub layer: usize,
    pub rtp_time: u32,
    pub opens_keyframe: bool,
    pub ends_frame: bool,
}

/// Target and current layer. A change happens only where a keyframe opens, and never
/// leaves half a frame of the old layer behind: a decoder would stumble over it.
#[derive(Debug, Default)]
pub struct LayerSelector {
    target: Option<usize>,
    current: Option<usize>,
    previous: Option<usize>,
    /// Time of the current layer's frame whose end has not been sent.
    open: Option<u32>,
    /// Time of the keyframe being held.
    holding: Option<u32>,
}

impl LayerSelector {
    pub fn current(&self) -> Option<usize> {
        self.current
    }

    pub fn target(&self) -> Option<usize> {
        self.target
    }

    pub fn is_holding(&self) -> bool {
        self.holding.is_some()
    }

    /// None pauses at once.
    pub fn select(&mut self, target: Option<usize>) {
        self.target = target;
        self.holding = None;
        if target.is_none() {
            self.interrupt();
        }
    }

    /// The source broke off: go on only at a keyframe.
    pub fn interrupt(&mut self) {
        self.current = None;
        self.previous = None;
        self.open = None;
        self.holding = None;
    }

    pub fn admit(&mut self, packet: &Glance) -> Admission {
        let layer = Some(packet.layer);
        if self.target == layer && self.current != self.target {
            self.admit_wanted(packet)
        } else if self.current == layer {
            self.admit_current(packet)
        } else if self.previous == layer {
            Admission::Late
        } else {
            Admission::Ignore
        }
    }

    fn admit_wanted(&mut self, packet: &Glance) -> Admission {
        match self.holding {
            Some(time) if time == packet.rtp_time => Admission::Hold,
            // The old layer never ended its frame, and the new one goes on.
            Some(_) => self.arrive(Admission::Release),
            None if !packet.opens_keyframe => Admission::NeedsKeyframe,
            None if self.open.is_some() => {
                self.holding = Some(packet.rtp_time);
                Admission::Hold
            }
            None => self.arrive(Admission::Switch),
        }
    }

    fn admit_current(&mut self, packet: &Glance) -> Admission {
        if self.holding.is_none() {
            return Admission::Forward;
        }
        if self.open != Some(packet.rtp_time) {
            return self.arrive(Admission::Release);
        }
        if packet.ends_frame {
            return self.arrive(Admission::Finish);
        }
        Admission::Forward
    }

    fn arrive(&mut self, how: Admission) -> Admission {
        self.previous = self.current;
        self.current = self.target;
        self.holding = None;
        self.open = None;
        how
    }

    /// Call for each packet that was sent.
    pub fn sent(&mut self, packet: &Glance) {
        if packet.ends_frame {
            self.open = None;
        } else if self.current == Some(packet.layer) {
            self.open = Some(packet.rtp_time);
        }
    }
}

/// Maps sequence numbers and timestamps of changing sources onto one stream.
///
/// Numbers are contiguous over a change; the timestamp advances by the time that
/// passed on the capture clock.
#[derive(Debug)]
pub struct Rewriter {
    clock_rate: u32,
    /// Next free output number.
    next_seq: u64,
    /// First number of the source now being sent, and what it became.
    source_seq: u64,
    output_seq: u64,
    source_time: u32,
    output_time: u32,
    highest_source_seq: u64,
    newest: Option<Newest>,
    previous: Option<Mapping>,
}

/// How the source before the present one was mapped, as far as it was sent.
#[derive(Debug, Clone, Copy)]
struct Mapping {
    source_seq: u64,
    output_seq: u64,
    source_time: u32,
    output_time: u32,
    highest_source_seq: u64,
}

#[derive(Debug, Clone, Copy)]
struct Newest {
    rtp_time: u32,
    captured: Instant,
}

impl Rewriter {
    /// `first_seq` and `first_time` should be random (RFC 3550 §5.1).
    pub fn new(clock_rate: u32, first_seq: u16, first_time: u32) -> Rewriter {
        Rewriter {
            clock_rate,
            // The first half of the range: a receiver's rollover counter begins
            // at zero (RFC 3711 §3.3.1).
            next_seq: u64::from(first_seq & 0x7fff),
            source_seq: 0,
            output_seq: 0,
            source_time: 0,
            output_time: first_time,
            highest_source_seq: 0,
            newest: None,
            previous: None,
        }
    }

    /// The packet with these numbers is the first of another source.
    pub fn start(&mut self, seq: u64, rtp_time: u32, captured: Instant) {
        self.previous = self.newest.map(|_| Mapping {
            source_seq: self.source_seq,
            output_seq: self.output_seq,
            source_time: self.source_time,
            output_time: self.output_time,
            highest_source_seq: self.highest_source_seq,
        });
        self.source_seq = seq;
        self.output_seq = self.next_seq;
        self.highest_source_seq = seq.wrapping_sub(1);
        self.source_time = rtp_time;
        if let Some(newest) = self.newest {
            let passed = captured.saturating_duration_since(newest.captured);
            self.output_time = newest.rtp_time.wrapping_add(self.ticks(passed).max(1));
        }
    }

    /// New sequence number and timestamp; None for a packet from before the change.
    pub fn rewrite(&mut self, seq: u64, rtp_time: u32, captured: Instant) -> Option<(u64, u32)> {
        let distance = seq.checked_sub(self.source_seq)?;
        let out_seq = self.output_seq + distance;
        let out_time = rtp_time
            .wrapping_sub(self.source_time)
            .wrapping_add(self.output_time);
        if seq > self.highest_source_seq || distance == 0 {
            self.highest_source_seq = seq;
            self.next_seq = out_seq + 1;
            self.newest = Some(Newest {
                rtp_time: out_time,
                captured,
            });
        }
        Some((out_seq, out_time))
    }

    /// Numbers for a packet of the source before: only where it fills a hole.
    pub fn rewrite_late(&self, seq: u64, rtp_time: u32) -> Option<(u64, u32)> {
        let previous = self.previous.filter(|p| seq < p.highest_source_seq)?;
        let distance = seq.checked_sub(previous.source_seq)?;
        let out_time = rtp_time
            .wrapping_sub(previous.source_time)
            .wrapping_add(previous.output_time);
        Some((previous.output_seq + distance, out_time))
    }

    /// The packet is not sent; its number must not be missed. Works only for the
    /// newest packet, an old one's place is already taken.
    pub fn skip(&mut self, seq: u64) {
        if seq == self.highest_source_seq.wrapping_add(1) && seq >= self.source_seq {
            self.source_seq = seq + 1;
            self.output_seq = self.next_seq;
            self.highest_source_seq = seq;
        }
    }

    fn ticks(&self, duration: Duration) -> u32 {
        (duration.as_micros() * u128::from(self.clock_rate) / 1_000_000) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    /// A packet of `layer`; `shape` is any of k (opens a keyframe) and e (ends it).
    fn packet(layer: usize, rtp_time: u32, shape: &str) -> Glance {
        Glance {
            layer,
            rtp_time,
            opens_keyframe: shape.contains('k'),
            ends_frame: shape.contains('e'),
        }
    }

    fn give(slot: &mut LayerSelector, packet: Glance) -> Admission {
        let admission = slot.admit(&packet);
        if matches!(admission, Admission::Forward | Admission::Switch) {
            slot.sent(&packet);
        }
        admission
    }

    #[test]
    fn a_layer_changes_only_where_a_keyframe_opens() {
        let mut slot = LayerSelector::default();
        slot.select(Some(0));
        assert_eq!(give(&mut slot, packet(0, 1, "e")), Admission::NeedsKeyframe);
        assert_eq!(give(&mut slot, packet(0, 2, "ke")), Admission::Switch);
        slot.select(Some(1));
        assert_eq!(give(&mut slot, packet(1, 3, "e")), Admission::NeedsKeyframe);
        assert_eq!(give(&mut slot, packet(0, 3, "e")), Admission::Forward);
        assert_eq!(give(&mut slot, packet(1, 4, "ke")), Admission::Switch);
        assert_eq!(give(&mut slot, packet(0, 4, "ke")), Admission::Late);
        assert_eq!(give(&mut slot, packet(2, 4, "ke")), Admission::Ignore);
        assert_eq!(slot.current(), Some(1));
    }

    #[test]
    fn a_frame_that_has_begun_is_finished_before_the_change() {
        let mut slot = LayerSelector::default();
        slot.select(Some(0));
        give(&mut slot, packet(0, 1, "k"));
        slot.select(Some(1));
        assert_eq!(give(&mut slot, packet(1, 9, "k")), Admission::Hold);
        assert_eq!(give(&mut slot, packet(0, 1, "")), Admission::Forward);
        assert_eq!(give(&mut slot, packet(1, 9, "e")), Admission::Hold);
        assert_eq!(give(&mut slot, packet(0, 1, "e")), Admission::Finish);
        assert_eq!(slot.current(), Some(1));
        assert!(!slot.is_holding());
    }

    #[test]
    fn a_frame_that_never_ends_does_not_stop_the_change() {
        for next in [packet(0, 2, ""), packet(1, 10, "")] {
            let mut slot = LayerSelector::default();
            slot.select(Some(0));
            give(&mut slot, packet(0, 1, "k"));
            slot.select(Some(1));
            give(&mut slot, packet(1, 9, "ke"));
            assert_eq!(give(&mut slot, next), Admission::Release);
            assert_eq!(slot.current(), Some(1));
        }
    }

    #[test]
    fn a_pause_is_immediate_and_ends_at_a_keyframe() {
        let mut slot = LayerSelector::default();
        slot.select(Some(0));
        give(&mut slot, packet(0, 1, "k"));
        slot.select(None);
        assert_eq!(give(&mut slot, packet(0, 2, "ke")), Admission::Ignore);
        slot.select(Some(0));
        assert_eq!(give(&mut slot, packet(0, 3, "e")), Admission::NeedsKeyframe);
        assert_eq!(give(&mut slot, packet(0, 4, "ke")), Admission::Switch);
    }

    #[test]
    fn numbers_stay_contiguous_over_a_change_of_source() {
        let t0 = Instant::now();
        let mut slot = Rewriter::new(90_000, 100, 5_000);
        slot.start(70_000, 1_000, t0);
        assert_eq!(slot.rewrite(70_000, 1_000, t0), Some((100, 5_000)));
        assert_eq!(slot.rewrite(70_002, 4_000, t0 + ms(33)), Some((102, 8_000)));
        slot.start(9, 777, t0 + ms(133));
        assert_eq!(
            slot.rewrite(9, 777, t0 + ms(133)),
            Some((103, 8_000 + 9_000))
        );
        assert_eq!(slot.rewrite(8, 700, t0 + ms(134)), None);
        assert_eq!(
            slot.rewrite(10, 777, t0 + ms(133)),
            Some((104, 8_000 + 9_000))
        );
    }

    #[test]
    fn a_late_packet_keeps_its_place() {
        let t0 = Instant::now();
        let mut slot = Rewriter::new(90_000, 0, 0);
        slot.start(5, 0, t0);
        slot.rewrite(5, 0, t0);
        assert_eq!(slot.rewrite(7, 60, t0), Some((2, 60)));
        assert_eq!(slot.rewrite(6, 30, t0), Some((1, 30)));
        slot.start(1_000, 0, t0 + ms(1));
        assert_eq!(slot.rewrite(1_000, 0, t0 + ms(1)), Some((3, 60 + 90)));
    }

    #[test]
    fn a_hole_from_before_the_change_is_filled_after_it() {
        let t0 = Instant::now();
        let mut slot = Rewriter::new(90_000, 0, 0);
        slot.start(5, 0, t0);
        slot.rewrite(5, 0, t0);
        slot.rewrite(7, 60, t0);
        assert_eq!(slot.rewrite_late(6, 30), None);
        slot.start(1_000, 0, t0);
        assert_eq!(slot.rewrite_late(6, 30), Some((1, 30)));
        assert_eq!(slot.rewrite_late(8, 90), None);
        assert_eq!(slot.rewrite_late(4, 0), None);
    }

    #[test]
    fn time_never_stands_still_or_runs_back_at_a_change() {
        let t0 = Instant::now();
        let mut slot = Rewriter::new(48_000, 0, 100);
        slot.start(1, 0, t0 + ms(50));
        slot.rewrite(1, 0, t0 + ms(50));
        slot.start(1, 0, t0);
        assert_eq!(slot.rewrite(1, 0, t0), Some((1, 101)));
    }

    #[test]
    fn sixteen_and_thirty_two_bit_counters_wrap() {
        let t0 = Instant::now();
        let mut slot = Rewriter::new(90_000, 0x7fff, u32::MAX - 10);
        slot.start(0, u32::MAX - 5, t0);
        assert_eq!(
            slot.rewrite(0, u32::MAX - 5, t0),
            Some((0x7fff, u32::MAX - 10))
        );
        assert_eq!(slot.rewrite(1, 9, t0), Some((0x8000, 4)));
        let (seq, _) = slot.rewrite(40_000, 10, t0).unwrap();
        assert_eq!(seq, 0x7fff + 40_000);
        slot.start(65_535, 0, t0 + ms(10));
        assert_eq!(slot.rewrite(65_535, 0, t0 + ms(10)).unwrap().0, seq + 1);
        assert_eq!(slot.rewrite(65_536, 0, t0 + ms(10)).unwrap().0, seq + 2);
    }

    #[test]
    fn a_skipped_packet_leaves_no_hole() {
        let t0 = Instant::now();
        let mut slot = Rewriter::new(90_000, 0, 0);
        slot.start(10, 0, t0);
        assert_eq!(slot.rewrite(10, 0, t0), Some((0, 0)));
        slot.skip(11);
        slot.skip(12);
        assert_eq!(slot.rewrite(13, 90, t0), Some((1, 90)));
        assert_eq!(slot.rewrite(14, 90, t0), Some((2, 90)));
    }
}
