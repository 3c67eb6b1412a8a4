//! How much may be sent again to a peer whose line nobody paces.
//!
//! With transport-cc the pacer holds resends within the estimate. Without it they go
//! out at once, and a line that has just become full is asked for twice as much:
//! measured 919 kbit/s of resends into 190 kbit/s. str0m's own cap looks only every
//! 50 ms, and lets through all that was asked for meanwhile. What is sent first is
//! held within the estimate by the allocator, so a share of that bounds both.

use std::time::{Duration, Instant};

/// Of what was sent first in the same time: bursts of loss are repaired, a line that
/// drops every third packet is not.
const SHARE_PERCENT: u64 = 25;
/// Two of these are looked at.
const WINDOW: Duration = Duration::from_secs(1);
/// Always allowed in that time: a still picture sends little to take a share of.
const ALWAYS_BYTES: u64 = 6_000;

#[derive(Debug)]
pub struct ResendBudget {
    resend_ssrcs: Vec<u32>,
    began: Option<Instant>,
    first: [u64; 2],
    again: [u64; 2],
}

impl ResendBudget {
    pub fn new(resend_ssrcs: Vec<u32>) -> ResendBudget {
        ResendBudget {
            resend_ssrcs,
            began: None,
            first: [0; 2],
            again: [0; 2],
        }
    }

    /// False for a resend (RFC 4588) that is too much. Counts what it allows.
    pub fn allows(&mut self, datagram: &[u8], now: Instant) -> bool {
        let Some(ssrc) = rtp_ssrc(datagram) else {
            return true;
        };
        self.turn(now);
        let len = datagram.len() as u64;
        if !self.resend_ssrcs.contains(&ssrc) {
            self.first[0] += len;
            return true;
        }
        let share = self.first.iter().sum::<u64>() * SHARE_PERCENT / 100;
        if self.again.iter().sum::<u64>() + len > share.max(ALWAYS_BYTES) {
            return false;
        }
        self.again[0] += len;
        true
    }

    fn turn(&mut self, now: Instant) {
        let began = *self.began.get_or_insert(now);
        let passed = now.saturating_duration_since(began);
        if passed < WINDOW {
            return;
        }
        let kept = if passed < WINDOW * 2 { 1 } else { 0 };
        self.first = [0, self.first[0] * kept];
        self.again = [0, self.again[0] * kept];
        self.began = Some(now);
    }
}

/// None for anything but RTP (RFC 7983 §7; RTCP types as in RFC 5761 §4).
fn rtp_ssrc(datagram: &[u8]) -> Option<u32> {
    let rtp = matches!(datagram.first()?, 128..=191);
    let rtcp = matches!(datagram.get(1)?, 192..=223);
    let ssrc = datagram.get(8..12)?.try_into().ok()?;
    (rtp && !rtcp).then_some(u32::from_be_bytes(ssrc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rtp(ssrc: u32, len: usize) -> Vec<u8> {
        let mut data = vec![0; len];
        data[0] = 0x80;
        data[1] = 102;
        data[8..12].copy_from_slice(&ssrc.to_be_bytes());
        data
    }

    /// Sends 1 s of media (ssrc 1), then asks for far too many resends (ssrc 2).
    fn resent(budget: &mut ResendBudget, media_bytes: usize, now: Instant) -> usize {
        for _ in 0..media_bytes / 1000 {
            assert!(budget.allows(&rtp(1, 1000), now));
        }
        (0..1000)
            .filter(|_| budget.allows(&rtp(2, 1000), now))
            .count()
            * 1000
    }

    #[test]
    fn resends_stay_within_a_share_of_what_is_sent_first() {
        let mut budget = ResendBudget::new(vec![2]);
        let start = Instant::now();
        let total: usize = (0..10)
            .map(|s| resent(&mut budget, 100_000, start + WINDOW * s))
            .sum();
        assert!(total <= 1_000_000 / 4 + 25_000, "{total}");
        assert!(total >= 1_000_000 / 5, "{total}");
    }

    #[test]
    fn a_still_picture_is_repaired_too() {
        let mut budget = ResendBudget::new(vec![2]);
        assert_eq!(resent(&mut budget, 1000, Instant::now()), 6_000);
    }

    #[test]
    fn after_silence_nothing_of_before_counts() {
        let mut budget = ResendBudget::new(vec![2]);
        let start = Instant::now();
        resent(&mut budget, 100_000, start);
        assert_eq!(resent(&mut budget, 0, start + WINDOW * 2), 6_000);
    }

    #[test]
    fn what_is_not_a_resend_always_passes() {
        let mut budget = ResendBudget::new(vec![2]);
        let now = Instant::now();
        let mut rtcp = rtp(2, 100);
        rtcp[1] = 205;
        let dtls = vec![22; 100];
        for _ in 0..1000 {
            assert!(budget.allows(&rtcp, now));
            assert!(budget.allows(&dtls, now));
            assert!(budget.allows(&[], now));
        }
    }
}
