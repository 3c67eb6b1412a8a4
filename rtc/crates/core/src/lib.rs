//! The media engine's core, without Python.
//!
//! `Forwarder` is one shard of an SFU node, `Client` one participant at the far end.
//! Below them everything is sans I/O and takes the time as an argument.

pub mod audio_level;
pub mod capture_clock;
pub mod client;
mod client_engine;
pub mod codec;
pub mod counters;
pub mod demux;
mod engine_thread;
pub mod events;
mod forward;
pub mod forwarder;
mod forwarder_engine;
pub mod framing;
pub mod interfaces;
pub mod media;
pub mod notify;
pub mod peer;
mod random;
mod reports;
pub mod resend_budget;
pub mod routes;
pub mod sdp_text;
pub mod sent;
pub mod shard;
pub mod switch;
mod tcp;
pub mod throttle;
pub mod transport_str0m;
mod udp;
mod udp_send;
pub mod vp8;
