//! Events as Python sees them; fields are documented in `_engine.pyi`.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tongke_rtc::client::{ClientEvent, unix_us_of};
use tongke_rtc::events::Event;

macro_rules! event_classes {
    ($($name:ident { $($field:ident: $kind:ty),* $(,)? })*) => {
        $(
            #[pyclass(frozen, get_all, module = "rtc._engine")]
            pub struct $name { $($field: $kind),* }

            #[pymethods]
            impl $name {
                fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                    let mut fields: Vec<String> = vec![];
                    $(
                        let value = (&self.$field).into_pyobject(py)?;
                        fields.push(format!(
                            "{}={}",
                            stringify!($field),
                            value.repr()?.to_string_lossy().chars().take(60).collect::<String>()
                        ));
                    )*
                    Ok(format!("{}({})", stringify!($name), fields.join(", ")))
                }
            }
        )*

        pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
            $( module.add_class::<$name>()?; )*
            Ok(())
        }
    };
}

event_classes! {
    PeerConnected { peer: String, remote_address: String, transport: &'static str }
    PeerClosed { peer: String, reason: &'static str }
    AudioLevel { peer: String, mid: String, level_dbov: f64 }
    BandwidthEstimate { peer: String, bps: u64, source: &'static str }
    IngressStats {
        peer: String,
        mid: String,
        rid: Option<String>,
        packets: u64,
        bytes: u64,
        lost: u64,
        nacks_sent: u64,
        keyframes: u64,
        keyframe_requests: u64,
        bitrate_bps: u64,
        jitter_us: u64,
    }
    SlotStats {
        peer: String,
        mid: String,
        layer: Option<usize>,
        packets: u64,
        bytes: u64,
        bitrate_bps: u64,
        nacks_received: u64,
        keyframe_requests: u64,
        lost_ratio: Option<f32>,
    }
    PeerStats {
        peer: String,
        rtt_us: Option<u64>,
        rx_bytes: u64,
        tx_bytes: u64,
        egress_lost_ratio: Option<f32>,
    }
    Connected { transport: &'static str }
    Closed { reason: &'static str }
    Frame {
        mid: String,
        kind: &'static str,
        codec: &'static str,
        data: Py<PyBytes>,
        rtp_time: u64,
        clock_rate: u32,
        capture_us: Option<i64>,
        arrival_us: i64,
        keyframe: bool,
        contiguous: bool,
    }
    Estimate { bps: u64 }
    KeyframeRequested { mid: String, rid: Option<String> }
}

pub fn forwarder_event(py: Python<'_>, event: Event) -> PyResult<Py<PyAny>> {
    match event {
        Event::PeerConnected {
            peer,
            remote_address,
            transport,
        } => object(
            py,
            PeerConnected {
                peer,
                remote_address,
                transport: transport.as_str(),
            },
        ),
        Event::PeerClosed { peer, reason, .. } => object(
            py,
            PeerClosed {
                peer,
                reason: reason.as_str(),
            },
        ),
        Event::AudioLevel {
            peer,
            mid,
            level_dbov,
        } => object(
            py,
            AudioLevel {
                peer,
                mid,
                level_dbov,
            },
        ),
        Event::BandwidthEstimate { peer, bps, source } => object(
            py,
            BandwidthEstimate {
                peer,
                bps,
                source: source.as_str(),
            },
        ),
        figures => statistics(py, figures),
    }
}

fn statistics(py: Python<'_>, event: Event) -> PyResult<Py<PyAny>> {
    match event {
        Event::Ingress(report) => object(
            py,
            IngressStats {
                peer: report.peer,
                mid: report.mid,
                rid: report.rid.map(|r| r.as_str().to_owned()),
                packets: report.packets,
                bytes: report.bytes,
                lost: report.lost,
                nacks_sent: report.nacks_sent,
                keyframes: report.keyframes,
                keyframe_requests: report.keyframe_requests,
                bitrate_bps: report.bitrate_bps,
                jitter_us: report.jitter_us,
            },
        ),
        Event::Slot(report) => object(
            py,
            SlotStats {
                peer: report.peer,
                mid: report.mid,
                layer: report.layer,
                packets: report.packets,
                bytes: report.bytes,
                bitrate_bps: report.bitrate_bps,
                nacks_received: report.nacks_received,
                keyframe_requests: report.keyframe_requests,
                lost_ratio: report.lost_ratio,
            },
        ),
        Event::Peer {
            peer,
            rtt,
            rx_bytes,
            tx_bytes,
            egress_lost_ratio,
        } => object(
            py,
            PeerStats {
                peer,
                rtt_us: rtt.map(|r| r.as_micros() as u64),
                rx_bytes,
                tx_bytes,
                egress_lost_ratio,
            },
        ),
        other => forwarder_event(py, other),
    }
}

pub fn client_event(py: Python<'_>, event: ClientEvent) -> PyResult<Py<PyAny>> {
    match event {
        ClientEvent::Connected { transport } => object(
            py,
            Connected {
                transport: transport.as_str(),
            },
        ),
        ClientEvent::Closed { reason } => object(py, Closed { reason }),
        ClientEvent::Frame(frame) => object(
            py,
            Frame {
                mid: frame.mid,
                kind: frame.codec.kind().as_str(),
                codec: frame.codec.as_str(),
                data: PyBytes::new(py, &frame.data).unbind(),
                rtp_time: frame.rtp_time,
                clock_rate: frame.clock_rate,
                capture_us: frame.capture_us,
                arrival_us: unix_us_of(frame.arrival),
                keyframe: frame.keyframe,
                contiguous: frame.contiguous,
            },
        ),
        ClientEvent::Estimate { bps } => object(py, Estimate { bps }),
        ClientEvent::KeyframeRequested { mid, rid } => object(py, KeyframeRequested { mid, rid }),
    }
}

fn object<T>(py: Python<'_>, value: T) -> PyResult<Py<PyAny>>
where
    T: pyo3::PyClass + Into<pyo3::PyClassInitializer<T>>,
{
    Ok(Py::new(py, value)?.into_any())
}
