//! One slot: which layer goes out, and numbers that never show a seam.

use std::time::{Duration, Instant};

/// What to do with a packet of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// The layer being sent.
    Forward,
    /// First packet of the layer wanted: it opens a keyframe.
    Switch,
    /// The layer wanted, but a decoder cannot begin here.
    NeedsKeyframe,
    Ignore,
}

/// Target and current layer. A change happens only where a keyframe opens.
#[derive(Debug, Default)]
pub struct LayerSelector {
    target: Option<usize>,
    current: Option<usize>,
}

impl LayerSelector {
    pub fn current(&self) -> Option<usize> {
        self.current
    }

    pub fn target(&self) -> Option<usize> {
        self.target
    }

    /// None pauses at once.
    pub fn select(&mut self, target: Option<usize>) {
        self.target = target;
        if target.is_none() {
            self.current = None;
        }
    }

    /// The source broke off: go on only at a keyframe.
    pub fn interrupt(&mut self) {
        self.current = None;
    }

    pub fn admit(&mut self, layer: usize, opens_keyframe: bool) -> Admission {
        if self.target == Some(layer) && self.current != self.target {
            if opens_keyframe {
                self.current = Some(layer);
                return Admission::Switch;
            }
            return Admission::NeedsKeyframe;
        }
        if self.current == Some(layer) {
            Admission::Forward
        } else {
            Admission::Ignore
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
        }
    }

    /// The packet with these numbers is the first of another source.
    pub fn start(&mut self, seq: u64, rtp_time: u32, captured: Instant) {
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

    #[test]
    fn a_layer_changes_only_where_a_keyframe_opens() {
        let mut slot = LayerSelector::default();
        slot.select(Some(0));
        assert_eq!(slot.admit(0, false), Admission::NeedsKeyframe);
        assert_eq!(slot.admit(0, true), Admission::Switch);
        slot.select(Some(1));
        assert_eq!(slot.admit(1, false), Admission::NeedsKeyframe);
        assert_eq!(slot.admit(0, false), Admission::Forward);
        assert_eq!(slot.admit(1, true), Admission::Switch);
        assert_eq!(slot.admit(0, true), Admission::Ignore);
        assert_eq!(slot.current(), Some(1));
    }

    #[test]
    fn a_pause_is_immediate_and_ends_at_a_keyframe() {
        let mut slot = LayerSelector::default();
        slot.select(Some(0));
        slot.admit(0, true);
        slot.select(None);
        assert_eq!(slot.admit(0, true), Admission::Ignore);
        slot.select(Some(0));
        assert_eq!(slot.admit(0, false), Admission::NeedsKeyframe);
        assert_eq!(slot.admit(0, true), Admission::Switch);
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
