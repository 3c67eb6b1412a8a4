//! An eventfd: one thread makes it readable, another loop watches it.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

pub struct Notifier(OwnedFd);

impl Notifier {
    pub fn new() -> io::Result<Notifier> {
        // SAFETY: eventfd takes no pointers; the result is checked and owned once.
        let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `fd` is a fresh descriptor nobody else owns.
        Ok(Notifier(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    pub fn descriptor(&self) -> i32 {
        self.0.as_raw_fd()
    }

    pub fn notify(&self) {
        let one = 1u64.to_ne_bytes();
        // SAFETY: the buffer lives across the call and has the stated length. The
        // only possible failure is a counter that is already readable.
        unsafe { libc::write(self.descriptor(), one.as_ptr().cast(), one.len()) };
    }

    pub fn clear(&self) {
        let mut count = [0u8; 8];
        // SAFETY: as above. Failing means it was not readable, which is the goal.
        unsafe { libc::read(self.descriptor(), count.as_mut_ptr().cast(), count.len()) };
    }
}
