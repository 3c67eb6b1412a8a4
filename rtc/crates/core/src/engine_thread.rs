//! A named thread whose CPU time can be read from outside.

use std::io;
use std::os::unix::thread::JoinHandleExt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

pub struct EngineThread {
    handle: Mutex<Option<JoinHandle<()>>>,
    cpu_us_at_end: AtomicU64,
}

impl EngineThread {
    pub fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<EngineThread> {
        let handle = thread::Builder::new().name(name.to_owned()).spawn(run)?;
        Ok(EngineThread {
            handle: Mutex::new(Some(handle)),
            cpu_us_at_end: AtomicU64::new(0),
        })
    }

    /// CPU time used so far, in microseconds.
    pub fn cpu_us(&self) -> u64 {
        let handle = self.handle.lock().unwrap_or_else(|e| e.into_inner());
        match handle.as_ref().and_then(thread_cpu_us) {
            Some(us) => us,
            None => self.cpu_us_at_end.load(Ordering::Relaxed),
        }
    }

    /// Waits for the thread's end. Idempotent.
    pub fn join(&self) {
        let cpu_us = self.cpu_us();
        let taken = self.handle.lock().unwrap_or_else(|e| e.into_inner()).take();
        if let Some(handle) = taken {
            self.cpu_us_at_end.store(cpu_us, Ordering::Relaxed);
            // A panic of the engine was already printed by the panic hook.
            let _ = handle.join();
        }
    }
}

fn thread_cpu_us(handle: &JoinHandle<()>) -> Option<u64> {
    if handle.is_finished() {
        return None;
    }
    let mut clock = 0;
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the thread is joinable (the handle is alive), both out-pointers live.
    let failed = unsafe {
        libc::pthread_getcpuclockid(handle.as_pthread_t(), &mut clock) != 0
            || libc::clock_gettime(clock, &mut time) != 0
    };
    (!failed).then_some(time.tv_sec as u64 * 1_000_000 + time.tv_nsec as u64 / 1_000)
}
