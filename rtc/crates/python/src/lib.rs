//! The engine's Python face: thin, no thread of the engine ever attaches to Python.

mod client;
mod errors;
mod events;
mod forwarder;

use pyo3::prelude::*;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("ENGINE_SOURCES"));

#[pymodule]
fn _engine(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("ENGINE_VERSION", VERSION)?;
    errors::register(module)?;
    events::register(module)?;
    module.add_class::<forwarder::Section>()?;
    module.add_class::<forwarder::Answer>()?;
    module.add_class::<forwarder::Forwarder>()?;
    module.add_class::<client::Client>()?;
    Ok(())
}
