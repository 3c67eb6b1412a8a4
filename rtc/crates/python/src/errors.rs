//! Errors split by blame, each with a stable `code`.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::{PyTypeInfo, create_exception};
use tongke_rtc::forwarder::{AcceptError, Misuse};
use tongke_rtc::transport_str0m::Refusal;

create_exception!(_engine, EngineError, PyException);
create_exception!(_engine, RemoteError, EngineError);
create_exception!(_engine, UsageError, EngineError);

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("EngineError", py.get_type::<EngineError>())?;
    module.add("RemoteError", py.get_type::<RemoteError>())?;
    module.add("UsageError", py.get_type::<UsageError>())?;
    Ok(())
}

pub fn remote(py: Python<'_>, refusal: Refusal) -> PyErr {
    coded::<RemoteError>(py, refusal.code, refusal.message)
}

pub fn usage(py: Python<'_>, misuse: Misuse) -> PyErr {
    coded::<UsageError>(py, misuse.code, misuse.message)
}

pub fn accept(py: Python<'_>, error: AcceptError) -> PyErr {
    match error {
        AcceptError::Refused(refusal) => remote(py, refusal),
        AcceptError::Misused(misuse) => usage(py, misuse),
    }
}

fn coded<E: PyTypeInfo>(py: Python<'_>, code: &str, message: String) -> PyErr {
    let error = PyErr::from_type(E::type_object(py), message);
    match error.value(py).setattr("code", code) {
        Ok(()) => error,
        Err(cannot_set) => cannot_set,
    }
}
