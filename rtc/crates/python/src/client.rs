//! `rtc.Client`.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tongke_rtc::client::{Client as Core, ClientConfig};
use tongke_rtc::media::{CodecName, Kind};

use crate::forwarder::parse_ip;
use crate::{errors, events};

#[pyclass(frozen, module = "rtc._engine")]
pub struct Client {
    core: Core,
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (
        *, send = vec![], receive_audio = 0, receive_video = 0, bind = "0.0.0.0",
        tcp_only = false, discard_media = false
    ))]
    fn new(
        py: Python<'_>,
        send: Vec<(String, String)>,
        receive_audio: usize,
        receive_video: usize,
        bind: &str,
        tcp_only: bool,
        discard_media: bool,
    ) -> PyResult<Client> {
        let config = ClientConfig {
            send: send
                .iter()
                .map(|(kind, codec)| parse_track(kind, codec))
                .collect::<PyResult<_>>()?,
            receive_audio,
            receive_video,
            bind: parse_ip(bind)?,
            tcp_only,
            discard_media,
        };
        let core = py.detach(|| Core::new(&config))?;
        Ok(Client { core })
    }

    fn offer(&self) -> &str {
        self.core.offer()
    }

    #[getter]
    fn send_mids(&self) -> Vec<String> {
        self.core.send_mids().to_vec()
    }

    #[getter]
    fn receive_mids(&self) -> Vec<(String, &'static str)> {
        self.core
            .receive_mids()
            .iter()
            .map(|(mid, kind)| (mid.clone(), kind.as_str()))
            .collect()
    }

    fn accept(&self, py: Python<'_>, answer: &str) -> PyResult<()> {
        py.detach(|| self.core.accept(answer))
            .map_err(|e| errors::remote(py, e))
    }

    fn fileno(&self) -> i32 {
        self.core.descriptor()
    }

    #[pyo3(signature = (limit = 1024))]
    fn drain(&self, py: Python<'_>, limit: usize) -> PyResult<Vec<Py<PyAny>>> {
        self.core
            .drain(limit)
            .into_iter()
            .map(|event| events::client_event(py, event))
            .collect()
    }

    fn send_frame(&self, mid: &str, data: &[u8], capture_us: i64) {
        self.core.send_frame(mid, Arc::from(data), capture_us);
    }

    fn request_keyframe(&self, mid: &str) {
        self.core.request_keyframe(mid);
    }

    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counters = PyDict::new(py);
        for (name, value) in self.core.counters() {
            counters.set_item(name, value)?;
        }
        Ok(counters)
    }

    fn close(&self) {
        self.core.close();
    }
}

fn parse_track(kind: &str, codec: &str) -> PyResult<(Kind, CodecName)> {
    let name = CodecName::parse(codec)
        .filter(|name| name.kind().as_str() == kind)
        .ok_or_else(|| PyValueError::new_err(format!("no such track: {kind} {codec}")))?;
    Ok((name.kind(), name))
}
