//! Which numbers of a slot were really sent, and so what its receiver's line lost.
//!
//! Forwarded numbers keep the holes that the publisher's line made, and a receiver
//! cannot tell those from packets that its own line lost. The sender can.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Numbers remembered: 8 s of 500 packets a second, longer than reports are late.
const WINDOW: u64 = 4096;
/// A report is looked at up to a second after it was written, and a busy receiver
/// writes it before it reads what waits in its socket: of a hole filled so lately
/// nobody knows whether it speaks. (2 s were too few on a machine at full load.)
const UNSURE: Duration = Duration::from_secs(4);
/// Reports that loss is measured against. More than one, because doubt about filled
/// holes lowers a total for a while; few, so that doubles cannot hide loss for long.
const COMPARED: usize = 8;

#[derive(Debug)]
pub struct SentNumbers {
    bits: Vec<u64>,
    first: Option<u64>,
    highest: u64,
    count: u64,
    /// Holes filled late, and when.
    filled: VecDeque<(Instant, u64)>,
    reports: VecDeque<Reception>,
}

/// A receiver's totals once the holes are taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reception {
    upto: u64,
    sent: i64,
    /// Certainly not less than this.
    lost: i64,
}

impl Default for SentNumbers {
    fn default() -> SentNumbers {
        SentNumbers {
            bits: vec![0; (WINDOW / 64) as usize],
            first: None,
            highest: 0,
            count: 0,
            filled: VecDeque::new(),
            reports: VecDeque::new(),
        }
    }
}

impl SentNumbers {
    pub fn add(&mut self, seq: u64, now: Instant) {
        let Some(first) = self.first else {
            self.first = Some(seq);
            self.highest = seq;
            return self.mark(seq);
        };
        if seq > self.highest {
            // Places of the ring between the old end and the new one are stale.
            for skipped in (self.highest + 1)..=seq.min(self.highest + WINDOW) {
                self.set(skipped, false);
            }
            self.highest = seq;
            self.mark(seq);
        } else if seq >= first && seq + WINDOW > self.highest && !self.is_set(seq) {
            self.mark(seq);
            self.filled.push_back((now, seq));
        }
    }

    /// Share of what was sent since the last report that the receiver's own line
    /// lost. `lost` and `highest` are the totals of its newest reception report
    /// (RFC 3550 §6.4.1); of `highest` only the low 16 bits are believed, aiortc does
    /// not count its cycles. None for a report without news.
    pub fn lost_ratio(&mut self, lost: i64, highest: u64, now: Instant) -> Option<f32> {
        let report = self.explain(lost, highest, now)?;
        let last = self.reports.back().copied();
        if last.is_some_and(|r| r.upto == report.upto) {
            return None;
        }
        let known = self.reports.iter().map(|r| r.lost).max();
        self.reports.push_back(report);
        if self.reports.len() > COMPARED {
            self.reports.pop_front();
        }
        let sent = Some(report.sent - last?.sent).filter(|n| *n > 0)?;
        let lost = (report.lost - known?).max(0);
        Some((lost as f32 / sent as f32).min(1.0))
    }

    fn explain(&mut self, lost: i64, highest: u64, now: Instant) -> Option<Reception> {
        let first = self.first?;
        let behind = u64::from((self.highest as u16).wrapping_sub(highest as u16));
        if behind >= WINDOW {
            return None;
        }
        let upto = self.highest.checked_sub(behind).filter(|n| *n >= first)?;
        let above = (upto + 1..=self.highest).filter(|n| self.is_set(*n));
        let sent = (self.count - above.count() as u64) as i64;
        self.filled
            .retain(|(at, _)| now.saturating_duration_since(*at) < UNSURE);
        let unsure = self.filled.iter().filter(|(_, n)| *n <= upto).count() as i64;
        let holes = (upto - first + 1) as i64 - sent + unsure;
        Some(Reception {
            upto,
            sent,
            lost: lost - holes,
        })
    }

    fn mark(&mut self, seq: u64) {
        self.set(seq, true);
        self.count += 1;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends numbers at 100 a second and asks about reports.
    struct Line {
        start: Instant,
        slot: SentNumbers,
    }

    impl Line {
        fn new() -> Line {
            Line {
                start: Instant::now(),
                slot: SentNumbers::default(),
            }
        }

        fn at(&self, ms: u64) -> Instant {
            self.start + Duration::from_millis(ms)
        }

        fn send(&mut self, numbers: impl IntoIterator<Item = u64>, ms: u64) {
            let now = self.at(ms);
            numbers.into_iter().for_each(|n| self.slot.add(n, now));
        }

        fn report(&mut self, lost: i64, highest: u64, ms: u64) -> Option<f32> {
            let now = self.at(ms);
            self.slot.lost_ratio(lost, highest, now)
        }
    }

    #[test]
    fn holes_that_came_in_are_not_the_receivers_loss() {
        let mut line = Line::new();
        line.send((100..200).filter(|n| n % 4 != 1), 0);
        assert_eq!(line.report(0, 100, 0), None);
        assert_eq!(line.report(25, 199, 1000), Some(0.0));
        line.send((200..300).filter(|n| n % 4 != 1), 1000);
        assert_eq!(line.report(50 + 15, 299, 2000), Some(0.2));
    }

    #[test]
    fn what_is_still_on_the_way_is_not_counted() {
        let mut line = Line::new();
        line.send(0..100, 0);
        line.report(0, 9, 0);
        assert_eq!(line.report(10, 49, 1000), Some(0.25));
    }

    #[test]
    fn holes_filled_before_a_report_is_read_are_not_loss() {
        let mut line = Line::new();
        line.send([1, 2], 0);
        line.report(0, 2, 0);
        line.send([6, 7], 1000);
        line.send([3, 4, 5], 1900);
        assert_eq!(line.report(3, 7, 1950), Some(0.0), "written before");
        line.send([8], 2000);
        assert_eq!(line.report(0, 8, 2900), Some(0.0), "and after");
        line.send([9], 6000);
        assert_eq!(line.report(0, 9, 7000), Some(0.0), "and long after");
    }

    #[test]
    fn loss_beside_filled_holes_is_seen_when_the_doubt_is_over() {
        let mut line = Line::new();
        line.send([1, 2], 0);
        line.report(0, 2, 0);
        line.send([6, 7, 3, 4, 5], 1000);
        assert_eq!(line.report(2, 7, 1500), Some(0.0));
        line.send([8, 9], 5500);
        assert_eq!(line.report(2, 9, 6000), Some(1.0));
    }

    #[test]
    fn a_number_sent_twice_counts_once() {
        let mut line = Line::new();
        line.send([6], 0);
        line.report(0, 6, 0);
        line.send([7, 8, 8, 7], 1000);
        assert_eq!(line.report(1, 8, 2000), Some(0.5));
    }

    #[test]
    fn cycles_that_a_receiver_does_not_count_do_not_matter() {
        let mut line = Line::new();
        line.send(65_000..65_500, 0);
        line.report(0, 65_499, 0);
        line.send(65_500..66_000, 1000);
        assert_eq!(line.report(50, 65_999 & 0xffff, 2000), Some(0.1));
    }

    #[test]
    fn a_long_hole_leaves_nothing_stale_behind() {
        let mut line = Line::new();
        line.send(0..10, 0);
        line.report(0, 9, 0);
        let far = 10 + 3 * WINDOW;
        line.send([far], 1000);
        assert_eq!(line.report(far as i64 - 10, far, 2000), Some(0.0));
        assert_eq!(line.report(0, 10, 3000), None);
    }

    #[test]
    fn reports_without_news_say_nothing() {
        let mut line = Line::new();
        assert_eq!(line.report(0, 0, 0), None);
        line.send(0..10, 0);
        assert_eq!(line.report(0, 9, 0), None);
        assert_eq!(line.report(0, 9, 1000), None);
    }
}
