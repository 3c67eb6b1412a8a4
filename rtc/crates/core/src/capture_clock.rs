//! When a packet was captured, told on our own clock.
//!
//! A publisher's sender reports tie its RTP timestamps to its wall clock
//! (RFC 3550 §6.4.1). One offset per publisher ties that wall clock to ours: the
//! smallest transit time seen, shared by its audio and video, so that both keep the
//! distance they had at capture. A sliding minimum follows drift and clock steps.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

use crate::media::Captured;

const WINDOW: Duration = Duration::from_secs(10);
/// A transit this much longer than the shortest is no queue: the publisher's clock
/// was set, or a report was wrong.
const CLOCK_SET_US: i64 = 5_000_000;

/// Both clocks at one moment. Our wall clock is read once: capture times of one
/// process must not step with it.
static ANCHOR: LazyLock<(Instant, SystemTime)> =
    LazyLock::new(|| (Instant::now(), SystemTime::now()));

fn wall_of(moment: Instant) -> Option<SystemTime> {
    let (at, wall) = *ANCHOR;
    match moment.checked_duration_since(at) {
        Some(after) => wall.checked_add(after),
        None => wall.checked_sub(at.saturating_duration_since(moment)),
    }
}

/// The wall clock of one publisher.
#[derive(Debug)]
pub struct CaptureClock {
    epoch: Instant,
    window_started: Instant,
    current: Option<i64>,
    previous: Option<i64>,
}

/// The RTP clock of one layer, from its last sender report.
#[derive(Debug, Clone, Copy)]
pub struct LayerClock {
    wall_us: i64,
    rtp_time: u32,
    clock_rate: u32,
}

impl LayerClock {
    pub fn new(wall_us: i64, rtp_time: u32, clock_rate: u32) -> LayerClock {
        LayerClock {
            wall_us,
            rtp_time,
            clock_rate,
        }
    }

    /// Wall clock at capture of the packet, microseconds since the Unix epoch.
    fn wall_us(&self, rtp_time: u32) -> i64 {
        let ticks = i64::from(rtp_time.wrapping_sub(self.rtp_time) as i32);
        self.wall_us
            .saturating_add(ticks * 1_000_000 / i64::from(self.clock_rate))
    }
}

impl CaptureClock {
    pub fn new(now: Instant) -> CaptureClock {
        CaptureClock {
            epoch: now,
            window_started: now,
            current: None,
            previous: None,
        }
    }

    /// Capture moment of a packet, never later than its arrival. Before the layer's
    /// first report this is the arrival itself.
    pub fn captured(
        &mut self,
        layer: Option<&LayerClock>,
        rtp_time: u32,
        arrival: Instant,
    ) -> Captured {
        let Some(layer) = layer else {
            return Captured {
                at: arrival,
                wall: None,
            };
        };
        let wall_us = layer.wall_us(rtp_time);
        let arrival_us = arrival.saturating_duration_since(self.epoch).as_micros() as i64;
        let offset = self.observe(arrival_us.saturating_sub(wall_us), arrival);
        let captured_us = wall_us.saturating_add(offset);
        let age_us = arrival_us.saturating_sub(captured_us).max(0) as u64;
        let at = arrival
            .checked_sub(Duration::from_micros(age_us))
            .unwrap_or(arrival);
        Captured {
            at,
            wall: wall_of(at),
        }
    }

    fn observe(&mut self, transit_us: i64, now: Instant) -> i64 {
        if now.saturating_duration_since(self.window_started) >= WINDOW {
            self.previous = self.current.take();
            self.window_started = now;
        }
        let shortest = self.previous.into_iter().chain(self.current).min();
        if shortest.is_some_and(|s| transit_us.saturating_sub(s) > CLOCK_SET_US) {
            self.previous = None;
            self.current = None;
        }
        let current = self.current.map_or(transit_us, |c| c.min(transit_us));
        self.current = Some(current);
        self.previous.map_or(current, |p| p.min(current))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    /// A wall clock far from ours, as an agent without NTP would have.
    const WALL: i64 = 1_700_000_000_000_000;

    #[test]
    fn without_a_report_capture_is_arrival() {
        let t0 = Instant::now();
        let mut clock = CaptureClock::new(t0);
        let captured = clock.captured(None, 5, t0 + ms(3));
        assert_eq!(captured.at, t0 + ms(3));
        assert_eq!(captured.wall, None);
    }

    #[test]
    fn sound_and_picture_keep_the_distance_they_had_at_capture() {
        let t0 = Instant::now();
        let mut clock = CaptureClock::new(t0);
        let audio = LayerClock::new(WALL, 1_000, 48_000);
        let video = LayerClock::new(WALL, u32::MAX - 100, 90_000);
        // Both captured at WALL + 100 ms; sound takes 20 ms, a large frame 90 ms.
        let heard = clock.captured(Some(&audio), 1_000 + 4_800, t0 + ms(120));
        let seen = clock.captured(
            Some(&video),
            (u32::MAX - 100).wrapping_add(9_000),
            t0 + ms(190),
        );
        assert_eq!(heard, seen);
        assert_eq!(heard.at, t0 + ms(120));
    }

    #[test]
    fn a_publishers_clock_that_is_set_puts_nothing_into_the_past() {
        let t0 = Instant::now();
        let mut clock = CaptureClock::new(t0);
        let before = LayerClock::new(WALL, 0, 90_000);
        clock.captured(Some(&before), 0, t0);
        for step_us in [-3_600_000_000, 3_600_000_000] {
            let after = LayerClock::new(WALL + step_us, 0, 90_000);
            let captured = clock.captured(Some(&after), 90_000, t0 + ms(1_001));
            assert!(t0 + ms(1_001) - captured.at <= ms(1));
        }
    }

    #[test]
    fn one_wrong_report_is_forgotten_with_the_next() {
        let t0 = Instant::now();
        let mut clock = CaptureClock::new(t0);
        let right = LayerClock::new(WALL, 0, 90_000);
        let wrong = LayerClock::new(WALL + 9_000_000_000, 0, 90_000);
        clock.captured(Some(&right), 0, t0 + ms(5));
        clock.captured(Some(&wrong), 3_000, t0 + ms(38));
        let captured = clock.captured(Some(&right), 9_000, t0 + ms(105));
        assert_eq!(captured.at, t0 + ms(105));
    }

    #[test]
    fn the_shortest_transit_is_forgotten_after_two_windows() {
        let t0 = Instant::now();
        let mut clock = CaptureClock::new(t0);
        let layer = LayerClock::new(WALL, 0, 90_000);
        clock.captured(Some(&layer), 0, t0);
        // The publisher's clock runs slow: transit seems longer and longer.
        for second in [1_u64, 11, 22] {
            let arrival = t0 + Duration::from_secs(second) + ms(40);
            clock.captured(Some(&layer), (second * 90_000) as u32, arrival);
        }
        let arrival = t0 + ms(23_040);
        let captured = clock.captured(Some(&layer), 23 * 90_000, arrival);
        assert_eq!(captured.at, arrival);
    }
}
