//! What the Forwarder tells its owner, and the bounded queue it waits in.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use crate::media::{Proto, Rid};
use crate::notify::Notifier;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EstimateSource {
    Twcc,
    Remb,
}

impl EstimateSource {
    pub fn as_str(self) -> &'static str {
        match self {
            EstimateSource::Twcc => "twcc",
            EstimateSource::Remb => "remb",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    IceTimeout,
    DtlsFailed,
    EngineFault,
    Removed,
    Closed,
}

impl CloseReason {
    pub fn as_str(self) -> &'static str {
        match self {
            CloseReason::IceTimeout => "ice_timeout",
            CloseReason::DtlsFailed => "dtls_failed",
            CloseReason::EngineFault => "engine_fault",
            CloseReason::Removed => "removed",
            CloseReason::Closed => "closed",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    PeerConnected {
        peer: String,
        remote_address: String,
        transport: Proto,
    },
    PeerClosed {
        peer: String,
        /// Tells apart two peers that had the same name one after the other.
        uid: u64,
        reason: CloseReason,
    },
    AudioLevel {
        peer: String,
        mid: String,
        level_dbov: f64,
    },
    BandwidthEstimate {
        peer: String,
        bps: u64,
        source: EstimateSource,
    },
    Ingress(IngressReport),
    Slot(SlotReport),
    Peer {
        peer: String,
        rtt: Option<Duration>,
        rx_bytes: u64,
        tx_bytes: u64,
        egress_lost_ratio: Option<f32>,
    },
}

/// Totals since the layer's first packet, `bitrate_bps` of the last second.
#[derive(Debug, Clone, PartialEq)]
pub struct IngressReport {
    pub peer: String,
    pub mid: String,
    pub rid: Option<Rid>,
    pub packets: u64,
    pub bytes: u64,
    pub lost: u64,
    pub nacks_sent: u64,
    pub keyframes: u64,
    pub keyframe_requests: u64,
    pub bitrate_bps: u64,
    pub jitter_us: u64,
}

/// Totals since the slot's first packet, `bitrate_bps` of the last second.
#[derive(Debug, Clone, PartialEq)]
pub struct SlotReport {
    pub peer: String,
    pub mid: String,
    pub layer: Option<usize>,
    pub packets: u64,
    pub bytes: u64,
    pub bitrate_bps: u64,
    pub nacks_received: u64,
    pub keyframe_requests: u64,
    pub lost_ratio: Option<f32>,
}

impl Event {
    /// Control events are never thrown away: their number is bounded by what the
    /// owner itself asked for.
    fn is_control(&self) -> bool {
        matches!(self, Event::PeerConnected { .. } | Event::PeerClosed { .. })
    }
}

/// From the engine thread to the owner's loop: take a batch when the descriptor
/// becomes readable.
pub struct EventQueue<E> {
    events: Mutex<VecDeque<E>>,
    notifier: Notifier,
    limit: usize,
}

impl<E> EventQueue<E> {
    pub fn new(limit: usize) -> std::io::Result<EventQueue<E>> {
        Ok(EventQueue {
            events: Mutex::new(VecDeque::new()),
            notifier: Notifier::new()?,
            limit,
        })
    }

    pub fn descriptor(&self) -> i32 {
        self.notifier.descriptor()
    }

    /// Returns false when the event was thrown away because the queue is full.
    pub fn push(&self, event: E, always: bool) -> bool {
        let mut events = self.lock();
        if events.len() >= self.limit && !always {
            return false;
        }
        events.push_back(event);
        if events.len() == 1 {
            self.notifier.notify();
        }
        true
    }

    pub fn drain(&self, limit: usize) -> Vec<E> {
        let mut events = self.lock();
        let count = limit.min(events.len());
        let taken = events.drain(..count).collect();
        if events.is_empty() {
            self.notifier.clear();
        }
        taken
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<E>> {
        // A panic while holding this lock can only be an allocation failure.
        self.events.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl EventQueue<Event> {
    pub fn push_event(&self, event: Event) -> bool {
        let always = event.is_control();
        self.push(event, always)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(n: f64) -> Event {
        Event::AudioLevel {
            peer: "p".into(),
            mid: "0".into(),
            level_dbov: n,
        }
    }

    #[test]
    fn a_full_queue_throws_away_figures_but_never_a_goodbye() {
        let queue = EventQueue::new(2).unwrap();
        assert!(queue.push_event(level(1.0)) && queue.push_event(level(2.0)));
        assert!(!queue.push_event(level(3.0)));
        let goodbye = Event::PeerClosed {
            peer: "p".into(),
            uid: 1,
            reason: CloseReason::Closed,
        };
        assert!(queue.push_event(goodbye.clone()));
        assert_eq!(queue.drain(2), vec![level(1.0), level(2.0)]);
        assert_eq!(queue.drain(9), vec![goodbye]);
    }
}
