//! Stamps the engine with a checksum of its sources, see `rtc/build_guard.py`.

use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = vec![root.join("Cargo.toml"), root.join("Cargo.lock")];
    collect(&root.join("crates"), &mut files);
    files.sort_by_key(|f| relative(&root, f));
    let mut crc = !0u32;
    for file in &files {
        println!("cargo:rerun-if-changed={}", file.display());
        let contents = fs::read(file).expect("a source that was just listed");
        update(&mut crc, relative(&root, file).as_bytes());
        update(&mut crc, &[0]);
        update(&mut crc, &contents);
    }
    println!("cargo:rerun-if-changed={}", root.join("crates").display());
    println!("cargo:rustc-env=ENGINE_SOURCES={:08x}", !crc);
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable source folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs" || e == "toml") {
            files.push(path);
        }
    }
}

fn relative(root: &Path, file: &Path) -> String {
    let path = file.strip_prefix(root).expect("a file below the root");
    path.to_string_lossy().replace('\\', "/")
}

/// CRC-32 as in zlib, so that Python can compute it without dependencies.
fn update(crc: &mut u32, bytes: &[u8]) {
    for byte in bytes {
        *crc ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = *crc & 1;
            *crc = (*crc >> 1) ^ (0xedb8_8320 * carry);
        }
    }
}
