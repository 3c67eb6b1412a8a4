//! Which numbers of a slot were really sent.
//!
//! Forwarded numbers keep the holes that the publisher's line made, and a receiver
//! cannot tell those from packets that its own line lost. The sender can.

/// Numbers remembered: 8 s of 500 packets a second, longer than reports are late.
const WINDOW: u64 = 4096;

#[derive(Debug)]
pub struct SentNumbers {
    bits: Vec<u64>,
    first: Option<u64>,
    highest: u64,
    count: u64,
}

/// What a receiver's totals say once the holes are taken out. Totals since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reception {
    pub sent: i64,
    pub lost: i64,
}

impl Default for SentNumbers {
    fn default() -> SentNumbers {
        SentNumbers {
            bits: vec![0; (WINDOW / 64) as usize],
            first: None,
            highest: 0,
            count: 0,
        }
    }
}

impl SentNumbers {
    pub fn add(&mut self, seq: u64) {
        let first = *self.first.get_or_insert(seq);
        if self.count == 0 {
            self.highest = seq;
        }
        if seq < first || seq + WINDOW <= self.highest {
            return;
        }
        // Every slot of the ring between the old end and the new one is stale.
        for skipped in (self.highest + 1)..=seq.min(self.highest + WINDOW) {
            self.set(skipped, false);
        }
        self.highest = self.highest.max(seq);
        if !self.is_set(seq) {
            self.set(seq, true);
            self.count += 1;
        }
    }

    /// `lost` and `highest` as in a reception report (RFC 3550 §6.4.1). Of `highest`
    /// only the low 16 bits are believed: aiortc does not count its cycles. None
    /// before anything was sent, and for numbers that are long forgotten.
    pub fn explain(&self, lost: i64, highest: u64) -> Option<Reception> {
        let first = self.first?;
        let behind = u64::from((self.highest as u16).wrapping_sub(highest as u16));
        if behind >= WINDOW {
            return None;
        }
        let upto = self.highest.checked_sub(behind).filter(|n| *n >= first)?;
        let above = (upto + 1..=self.highest)
            .filter(|n| self.is_set(*n))
            .count();
        let sent = (self.count - above as u64) as i64;
        let holes = (upto - first + 1) as i64 - sent;
        Some(Reception {
            sent,
            lost: lost - holes,
        })
    }

    fn is_set(&self, seq: u64) -> bool {
        let place = seq % WINDOW;
        self.bits[(place / 64) as usize] & (1 << (place % 64)) != 0
    }

    fn set(&mut self, seq: u64, sent: bool) {
        let place = seq % WINDOW;
        let word = &mut self.bits[(place / 64) as usize];
        match sent {
            true => *word |= 1 << (place % 64),
            false => *word &= !(1 << (place % 64)),
        }
    }
}

/// Share of what was sent between two reports that did not arrive.
pub fn lost_ratio(before: Option<Reception>, after: Option<Reception>) -> Option<f32> {
    let (before, after) = (before?, after?);
    let sent = Some(after.sent - before.sent).filter(|n| *n > 0)?;
    let lost = (after.lost - before.lost).max(0);
    Some((lost as f32 / sent as f32).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(numbers: impl IntoIterator<Item = u64>) -> SentNumbers {
        let mut sent = SentNumbers::default();
        numbers.into_iter().for_each(|n| sent.add(n));
        sent
    }

    #[test]
    fn holes_that_came_in_are_not_the_receivers_loss() {
        let slot = sent((100..200).filter(|n| n % 4 != 1));
        let before = slot.explain(0, 100);
        assert_eq!(before, Some(Reception { sent: 1, lost: 0 }));
        let all = slot.explain(25, 199);
        assert_eq!(all, Some(Reception { sent: 75, lost: 0 }));
        assert_eq!(lost_ratio(before, all), Some(0.0));
        let worse = slot.explain(25 + 37, 199);
        assert_eq!(lost_ratio(before, worse), Some(0.5));
    }

    #[test]
    fn what_is_still_on_the_way_is_not_counted() {
        let slot = sent(0..100);
        let half = slot.explain(10, 49);
        assert_eq!(half, Some(Reception { sent: 50, lost: 10 }));
    }

    #[test]
    fn a_hole_filled_later_evens_out() {
        let mut slot = sent([1, 2, 4, 5]);
        let before = slot.explain(1, 5);
        slot.add(3);
        slot.add(6);
        let after = slot.explain(0, 6);
        assert_eq!(before, Some(Reception { sent: 4, lost: 0 }));
        assert_eq!(after, Some(Reception { sent: 6, lost: 0 }));
        assert_eq!(lost_ratio(before, after), Some(0.0));
    }

    #[test]
    fn a_number_sent_twice_counts_once() {
        let slot = sent([7, 8, 8, 7]);
        assert_eq!(slot.explain(0, 8), Some(Reception { sent: 2, lost: 0 }));
    }

    #[test]
    fn cycles_that_a_receiver_does_not_count_do_not_matter() {
        let slot = sent(65_000..66_000);
        let told = 65_999 & 0xffff;
        assert_eq!(
            slot.explain(0, told),
            Some(Reception {
                sent: 1000,
                lost: 0
            })
        );
    }

    #[test]
    fn a_long_hole_leaves_nothing_stale_behind() {
        let slot = sent((0..10).chain([10 + 3 * WINDOW]));
        let holes = 3 * WINDOW as i64;
        assert_eq!(
            slot.explain(holes, 10 + 3 * WINDOW),
            Some(Reception { sent: 11, lost: 0 })
        );
        assert_eq!(slot.explain(holes, 10), None);
        assert_eq!(SentNumbers::default().explain(0, 0), None);
    }

    #[test]
    fn reports_without_news_say_nothing() {
        let some = Some(Reception { sent: 5, lost: 0 });
        assert_eq!(lost_ratio(None, some), None);
        assert_eq!(lost_ratio(some, some), None);
        let repaired = Some(Reception { sent: 9, lost: -3 });
        assert_eq!(lost_ratio(some, repaired), Some(0.0));
    }
}
