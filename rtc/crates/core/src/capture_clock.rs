//! When a packet was captured, told on our own clock.
//!
//! A publisher's sender reports tie its RTP timestamps to its wall clock
//! (RFC 3550 §6.4.1). One offset per publisher ties that wall clock to ours: the
//! smallest transit time seen, shared by its audio and video, so that both keep the
//! distance they had at capture. A sliding minimum follows drift and clock steps.

use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(10);

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
    ) -> Instant {
        let Some(layer) = layer else {
            return arrival;
        };
        let wall_us = layer.wall_us(rtp_time);
        let arrival_us = arrival.saturating_duration_since(self.epoch).as_micros() as i64;
        let offset = self.observe(arrival_us.saturating_sub(wall_us), arrival);
        let captured_us = wall_us.saturating_add(offset);
        let age_us = arrival_us.saturating_sub(captured_us).max(0) as u64;
        arrival
            .checked_sub(Duration::from_micros(age_us))
            .unwrap_or(arrival)
    }

    fn observe(&mut self, transit_us: i64, now: Instant) -> i64 {
        if now.saturating_duration_since(self.window_started) >= WINDOW {
            self.previous = self.current.take();
            self.window_started = now;
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
        assert_eq!(clock.captured(None, 5, t0 + ms(3)), t0 + ms(3));
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
        assert_eq!(heard, t0 + ms(120));
    }

    #[test]
    fn a_step_of_the_publishers_clock_is_forgotten_after_two_windows() {
        let t0 = Instant::now();
        let mut clock = CaptureClock::new(t0);
        let before = LayerClock::new(WALL, 0, 90_000);
        clock.captured(Some(&before), 0, t0);
        // The wall clock falls back an hour: transit seems an hour longer.
        let after = LayerClock::new(WALL - 3_600_000_000, 0, 90_000);
        for second in [1, 11, 22] {
            let at = t0 + Duration::from_secs(second);
            let captured = clock.captured(Some(&after), (second * 90_000) as u32, at);
            assert!(captured <= at);
        }
        let at = t0 + Duration::from_secs(23);
        let captured = clock.captured(Some(&after), 23 * 90_000, at);
        assert!(at - captured < ms(1));
    }
}
