//! Totals since start, written by the engine thread, read by anybody.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counted {
    ($name:ident { $($variant:ident => $label:literal,)* }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($variant,)* }

        impl $name {
            pub const ALL: &[($name, &str)] = &[$(($name::$variant, $label),)*];
        }
    };
}

counted!(Total {
    PacketsIn => "packets_in",
    PacketsOut => "packets_out",
    PacketsForwarded => "packets_forwarded",
    BytesIn => "bytes_in",
    BytesOut => "bytes_out",
    NacksIn => "nacks_in",
    RetransmitsOut => "retransmits_out",
    PlisIn => "plis_in",
    PlisOut => "plis_out",
    Peers => "peers",
    EventsLost => "events_lost",
    FramesIn => "frames_in",
    FramesLost => "frames_lost",
    NacksOut => "nacks_out",
    DroppedEmpty => "dropped_empty",
    DroppedGarbage => "dropped_garbage",
    DroppedBadHeader => "dropped_bad_header",
    DroppedUnknownUfrag => "dropped_unknown_ufrag",
    DroppedBadIntegrity => "dropped_bad_integrity",
    DroppedUnexpectedStun => "dropped_unexpected_stun",
    DroppedUnknownSource => "dropped_unknown_source",
    DroppedProbe => "dropped_probe",
    DroppedRefused => "dropped_refused",
    DroppedMuted => "dropped_muted",
    DroppedUnknownCodec => "dropped_unknown_codec",
    DroppedUnknownLayer => "dropped_unknown_layer",
    DroppedNoMatchingCodec => "dropped_no_matching_codec",
    DroppedPadding => "dropped_padding",
    DroppedLate => "dropped_late",
    DroppedResend => "dropped_resend",
    DroppedSendBuffer => "dropped_send_buffer",
    DroppedSendError => "dropped_send_error",
    DroppedTcpBacklog => "dropped_tcp_backlog",
    DroppedTcpRefused => "dropped_tcp_refused",
});

pub struct Counters([AtomicU64; Total::ALL.len()]);

impl Default for Counters {
    fn default() -> Counters {
        Counters(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Counters {
    pub fn add(&self, total: Total, count: u64) {
        // One writer: load and store are cheaper than an atomic addition.
        let cell = &self.0[total as usize];
        cell.store(
            cell.load(Ordering::Relaxed).wrapping_add(count),
            Ordering::Relaxed,
        );
    }

    pub fn set(&self, total: Total, value: u64) {
        self.0[total as usize].store(value, Ordering::Relaxed);
    }

    pub fn get(&self, total: Total) -> u64 {
        self.0[total as usize].load(Ordering::Relaxed)
    }

    pub fn snapshot(&self) -> Vec<(&'static str, u64)> {
        Total::ALL
            .iter()
            .map(|(total, label)| (*label, self.get(*total)))
            .collect()
    }
}
