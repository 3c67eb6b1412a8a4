//! The time one `Rtc` lives in.

use std::time::{Duration, Instant};

use str0m::{Input, Output, Rtc, RtcError};

/// What str0m 0.23.1 wants between two packets, so that no two carry the same time
/// (`pacer/leaky.rs`, `request_immediate_timeout`).
const PACKET_GAP: Duration = Duration::from_micros(1);

/// Grants the gap between packets by moving on, not by waiting: a timer of a
/// millisecond for each packet would stretch a keyframe over several frames (measured:
/// 1.1 ms from packet to packet). Sending one takes longer than the gap, so this clock
/// does not run ahead of the real one.
pub struct Clock {
    now: Instant,
    /// A packet came out since time last moved.
    sent: bool,
}

impl Clock {
    pub fn new(now: Instant) -> Clock {
        Clock { now, sent: false }
    }

    /// The engine's time, or ours while we are ahead. str0m ignores what comes late.
    pub fn advance(&mut self, now: Instant) -> Instant {
        self.now = self.now.max(now);
        self.now
    }

    /// The next output, gaps between packets passed over.
    pub fn poll(&mut self, rtc: &mut Rtc) -> Result<Output, RtcError> {
        loop {
            let output = rtc.poll_output()?;
            match output {
                Output::Timeout(at) if self.sent && at <= self.now + PACKET_GAP => {
                    self.sent = false;
                    let now = self.advance(at);
                    rtc.handle_input(Input::Timeout(now))?;
                }
                Output::Transmit(_) => {
                    self.sent = true;
                    return Ok(output);
                }
                Output::Timeout(_) | Output::Event(_) => return Ok(output),
            }
        }
    }
}
