//! Keyframe requests: at most one per 500 ms and layer, and none forgotten.

use std::time::{Duration, Instant};

const MIN_INTERVAL: Duration = Duration::from_millis(500);

/// A request that comes too early is kept and due when the interval is over, unless
/// a keyframe came meanwhile.
#[derive(Debug, Default)]
pub struct KeyframeThrottle {
    last: Option<Instant>,
    wanted: bool,
}

impl KeyframeThrottle {
    pub fn want(&mut self) {
        self.wanted = true;
    }

    /// True when a request should leave now; the caller then calls `sent`.
    pub fn due(&self, now: Instant) -> bool {
        let rested = self
            .last
            .is_none_or(|last| now.saturating_duration_since(last) >= MIN_INTERVAL);
        self.wanted && rested
    }

    /// Wanting goes on until a keyframe comes: requests get lost too.
    pub fn sent(&mut self, now: Instant) {
        self.last = Some(now);
    }

    pub fn keyframe_came(&mut self) {
        self.wanted = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_request_waits_and_is_repeated_until_a_keyframe_comes() {
        let t0 = Instant::now();
        let at = |ms| t0 + Duration::from_millis(ms);
        let mut layer = KeyframeThrottle::default();
        assert!(!layer.due(t0));
        layer.want();
        assert!(layer.due(t0));
        layer.sent(t0);
        layer.want();
        assert!(!layer.due(at(499)));
        assert!(layer.due(at(500)));
        layer.sent(at(500));
        layer.keyframe_came();
        assert!(!layer.due(at(2_000)));
    }
}
