"""Builds the Rust media engine into `rtc/_engine.abi3.so`; see rtc/README.md."""

from setuptools import setup
from setuptools_rust import Binding, RustExtension

setup(
    rust_extensions=[
        RustExtension(
            "rtc._engine",
            path="rtc/crates/python/Cargo.toml",
            binding=Binding.PyO3,
            py_limited_api=True,
            debug=False,
            args=["--locked"],
        )
    ],
    # One .pth entry to the root: a service's folder that appears later is importable
    # without another install.
    options={
        "editable_wheel": {"mode": "compat"},
        # One wheel for every Python from 3.11 on.
        "bdist_wheel": {"py_limited_api": "cp311"},
    },
)
