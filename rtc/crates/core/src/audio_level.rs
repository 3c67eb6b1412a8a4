//! Loudest level of an interval (RFC 6464).

/// Levels of one published audio section since the last `take`.
#[derive(Debug, Default)]
pub struct LevelMeter {
    loudest: Option<i8>,
}

impl LevelMeter {
    /// `dbov`: 0 is the loudest, -127 is silence.
    pub fn hear(&mut self, dbov: i8) {
        let dbov = dbov.clamp(-127, 0);
        self.loudest = Some(self.loudest.map_or(dbov, |l| l.max(dbov)));
    }

    /// None when nothing was heard at all, not even silence.
    pub fn take(&mut self) -> Option<f64> {
        self.loudest.take().map(f64::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loudest_packet_counts_and_each_interval_is_new() {
        let mut meter = LevelMeter::default();
        assert_eq!(meter.take(), None);
        meter.hear(-60);
        meter.hear(-20);
        meter.hear(-90);
        assert_eq!(meter.take(), Some(-20.0));
        assert_eq!(meter.take(), None);
    }
}
