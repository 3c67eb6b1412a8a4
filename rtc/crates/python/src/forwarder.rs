//! `rtc.Forwarder`.

use std::net::IpAddr;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tongke_rtc::forwarder::{Forwarder as Core, ForwarderConfig, LayerRef};
use tongke_rtc::media::NegotiatedSection;

use crate::{errors, events};

#[pyclass(frozen, get_all, skip_from_py_object, module = "rtc._engine")]
#[derive(Clone)]
pub struct Section {
    mid: String,
    kind: &'static str,
    direction: &'static str,
    codec: Option<&'static str>,
    rids: Vec<String>,
}

#[pymethods]
impl Section {
    fn __repr__(&self) -> String {
        format!(
            "Section(mid={:?}, kind={:?}, direction={:?}, codec={:?}, rids={:?})",
            self.mid, self.kind, self.direction, self.codec, self.rids
        )
    }
}

impl From<&NegotiatedSection> for Section {
    fn from(section: &NegotiatedSection) -> Section {
        Section {
            mid: section.mid.clone(),
            kind: section.kind.as_str(),
            direction: section.direction.as_str(),
            codec: section.codecs.first().map(|c| c.name.as_str()),
            rids: section.rids.iter().map(|r| r.as_str().to_owned()).collect(),
        }
    }
}

#[pyclass(frozen, get_all, module = "rtc._engine")]
pub struct Answer {
    sdp: String,
    sections: Vec<Section>,
    estimates_bandwidth: bool,
}

#[pyclass(frozen, module = "rtc._engine")]
pub struct Forwarder {
    core: Core,
}

pub fn parse_ip(text: &str) -> PyResult<IpAddr> {
    text.parse()
        .map_err(|_| PyValueError::new_err(format!("not an IP address: {text}")))
}

#[pymethods]
impl Forwarder {
    #[new]
    #[pyo3(signature = (*, bind = "0.0.0.0", port = 0, advertise = vec![], tcp = true))]
    fn new(
        py: Python<'_>,
        bind: &str,
        port: u16,
        advertise: Vec<String>,
        tcp: bool,
    ) -> PyResult<Forwarder> {
        let config = ForwarderConfig {
            bind: parse_ip(bind)?,
            port,
            advertise: advertise
                .iter()
                .map(|a| parse_ip(a))
                .collect::<PyResult<_>>()?,
            tcp,
        };
        let core = py.detach(|| Core::new(&config))?;
        Ok(Forwarder { core })
    }

    #[getter]
    fn port(&self) -> u16 {
        self.core.port()
    }

    #[getter]
    fn addresses(&self) -> Vec<String> {
        self.core.addresses()
    }

    fn fileno(&self) -> i32 {
        self.core.descriptor()
    }

    #[pyo3(signature = (limit = 1024))]
    fn drain(&self, py: Python<'_>, limit: usize) -> PyResult<Vec<Py<PyAny>>> {
        self.core
            .drain(limit)
            .into_iter()
            .map(|event| events::forwarder_event(py, event))
            .collect()
    }

    fn accept(&self, py: Python<'_>, peer: &str, offer: &str) -> PyResult<Answer> {
        let negotiated = py
            .detach(|| self.core.accept(peer, offer))
            .map_err(|e| errors::accept(py, e))?;
        Ok(Answer {
            sections: negotiated.sections.iter().map(Section::from).collect(),
            sdp: negotiated.answer,
            estimates_bandwidth: negotiated.estimates_bandwidth,
        })
    }

    fn remove(&self, peer: &str) {
        self.core.remove(peer);
    }

    #[pyo3(signature = (peer, mid, layers, layer = Some(0)))]
    fn connect_slot(
        &self,
        py: Python<'_>,
        peer: &str,
        mid: &str,
        layers: Vec<(String, String, Option<String>)>,
        layer: Option<usize>,
    ) -> PyResult<()> {
        let layers: Vec<LayerRef> = layers
            .into_iter()
            .map(|(peer, mid, rid)| LayerRef { peer, mid, rid })
            .collect();
        self.core
            .connect_slot(peer, mid, &layers, layer)
            .map_err(|e| errors::usage(py, e))
    }

    #[pyo3(signature = (peer, mid, layer))]
    fn select_layer(
        &self,
        py: Python<'_>,
        peer: &str,
        mid: &str,
        layer: Option<usize>,
    ) -> PyResult<()> {
        self.core
            .select_layer(peer, mid, layer)
            .map_err(|e| errors::usage(py, e))
    }

    fn set_forwarding(&self, py: Python<'_>, peer: &str, mid: &str, enabled: bool) -> PyResult<()> {
        self.core
            .set_forwarding(peer, mid, enabled)
            .map_err(|e| errors::usage(py, e))
    }

    #[pyo3(signature = (peer, mid, rid = None))]
    fn request_keyframe(
        &self,
        py: Python<'_>,
        peer: String,
        mid: String,
        rid: Option<String>,
    ) -> PyResult<()> {
        self.core
            .request_keyframe(&LayerRef { peer, mid, rid })
            .map_err(|e| errors::usage(py, e))
    }

    fn set_desired_bitrate(&self, py: Python<'_>, peer: &str, bps: u64) -> PyResult<()> {
        self.core
            .set_desired_bitrate(peer, bps)
            .map_err(|e| errors::usage(py, e))
    }

    fn restart_estimate(&self, py: Python<'_>, peer: &str, bps: u64) -> PyResult<()> {
        self.core
            .restart_estimate(peer, bps)
            .map_err(|e| errors::usage(py, e))
    }

    fn cap_ingress(&self, py: Python<'_>, peer: &str, mid: &str, bps: u64) -> PyResult<()> {
        self.core
            .cap_ingress(peer, mid, bps)
            .map_err(|e| errors::usage(py, e))
    }

    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counters = PyDict::new(py);
        for (name, value) in self.core.counters() {
            counters.set_item(name, value)?;
        }
        Ok(counters)
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.core.close());
    }
}
