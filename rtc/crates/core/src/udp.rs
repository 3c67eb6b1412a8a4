//! A UDP port: batches in, batches out, to one peer runs of equal-size packets.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd;

use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSocketState};

use crate::counters::{Counters, Total};
use crate::media::Transmit;
use crate::udp_send::{Run, send_runs};

const SOCKET_BUFFER_BYTES: usize = 4 * 1024 * 1024;
/// The kernel may join datagrams of one sender up to this size (UDP_GRO).
const RECEIVE_BUFFER_BYTES: usize = 64 * 1024;
/// Largest UDP payload over IPv4, the limit of one segmented send.
const MAX_SEND_BYTES: usize = 65_507;
/// Runs handed over in one call.
const SEND_BATCH: usize = 64;

pub struct UdpPort {
    pub socket: mio::net::UdpSocket,
    state: UdpSocketState,
    buffers: Vec<u8>,
    metas: [RecvMeta; BATCH_SIZE],
    max_segments: usize,
    /// Bound to no address in particular: each packet says where it comes from.
    any_address: bool,
}

impl UdpPort {
    pub fn bind(address: SocketAddr) -> io::Result<UdpPort> {
        let socket = std::net::UdpSocket::bind(address)?;
        let state = UdpSocketState::new((&socket).into())?;
        // Best effort: the kernel caps it at net.core.{r,w}mem_max.
        let _ = state.set_recv_buffer_size((&socket).into(), SOCKET_BUFFER_BYTES);
        let _ = state.set_send_buffer_size((&socket).into(), SOCKET_BUFFER_BYTES);
        let per_message = if state.gro_segments() > 1 {
            RECEIVE_BUFFER_BYTES
        } else {
            2_048
        };
        let max_segments = state.max_gso_segments();
        Ok(UdpPort {
            socket: mio::net::UdpSocket::from_std(socket),
            state,
            buffers: vec![0; per_message * BATCH_SIZE],
            metas: [RecvMeta::default(); BATCH_SIZE],
            max_segments,
            any_address: address.ip().is_unspecified(),
        })
    }

    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// One batch. False when nothing was waiting.
    pub fn receive(&mut self, mut take: impl FnMut(SocketAddr, Option<IpAddr>, &[u8])) -> bool {
        let size = self.buffers.len() / BATCH_SIZE;
        let mut slices: Vec<IoSliceMut<'_>> = self
            .buffers
            .chunks_exact_mut(size)
            .map(IoSliceMut::new)
            .collect();
        // ECONNREFUSED and its kind report on earlier sends; anything else shows
        // as silence, which the peers' own timers notice.
        let socket = (&self.socket).into();
        let Ok(count) = self.state.recv(socket, &mut slices, &mut self.metas) else {
            return false;
        };
        for (meta, slice) in self.metas.iter().zip(&slices).take(count) {
            if meta.len == 0 {
                take(meta.addr, meta.dst_ip, &[]);
                continue;
            }
            for datagram in slice[..meta.len].chunks(meta.stride.max(1)) {
                take(meta.addr, meta.dst_ip, datagram);
            }
        }
        count > 0
    }

    /// Sends in order. What the kernel will not take now is dropped and counted:
    /// late media is worth nothing.
    pub fn send(&mut self, transmits: &[Transmit], counters: &Counters) {
        let runs = self.runs(transmits);
        let mut rest = runs.as_slice();
        while let Some(first) = rest.first() {
            let batch = &rest[..rest.len().min(SEND_BATCH)];
            let taken = match send_runs(self.socket.as_fd(), batch) {
                Ok(taken) => {
                    for run in &batch[..taken] {
                        counters.add(Total::PacketsOut, run.transmits.len() as u64);
                        counters.add(Total::BytesOut, run.bytes() as u64);
                    }
                    taken
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => 0,
                Err(e) => {
                    self.refused(first, &e, counters);
                    1
                }
            };
            rest = &rest[taken..];
        }
    }

    fn runs<'a>(&self, transmits: &'a [Transmit]) -> Vec<Run<'a>> {
        let mut runs = Vec::with_capacity(transmits.len());
        let mut rest = transmits;
        while let Some(first) = rest.first() {
            let (run, after) = rest.split_at(run_length(rest, self.max_segments));
            runs.push(Run {
                transmits: run,
                source_ip: first.source_ip.filter(|_| self.any_address),
            });
            rest = after;
        }
        runs
    }

    fn refused(&mut self, run: &Run<'_>, error: &io::Error, counters: &Counters) {
        let count = run.transmits.len() as u64;
        match error.raw_os_error() {
            Some(libc::EAGAIN) => counters.add(Total::DroppedSendBuffer, count),
            // Segments longer than the path takes, or a card that cannot make them:
            // each packet by itself may still pass.
            Some(code @ (libc::EINVAL | libc::EIO)) if count > 1 => {
                let before = std::mem::replace(&mut self.max_segments, 1);
                self.send(run.transmits, counters);
                if code == libc::EINVAL {
                    self.max_segments = before;
                }
            }
            _ => counters.add(Total::DroppedSendError, count),
        }
    }
}

/// How many of the first transmits can leave as segments of one call: one
/// destination, equal sizes, only the last may be shorter.
fn run_length(transmits: &[Transmit], max_segments: usize) -> usize {
    let Some(first) = transmits.first() else {
        return 0;
    };
    let size = first.contents.len();
    if size == 0 {
        return 1;
    }
    let limit = max_segments.min(MAX_SEND_BYTES / size).max(1);
    let mut count = 1;
    for transmit in transmits.iter().take(limit).skip(1) {
        let same_way = transmit.destination == first.destination
            && transmit.source_ip == first.source_ip
            && transmit.proto == first.proto;
        if !same_way || transmit.contents.len() > size || transmit.contents.is_empty() {
            break;
        }
        count += 1;
        if transmit.contents.len() < size {
            break;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Proto;

    fn transmit(port: u16, len: usize) -> Transmit {
        Transmit {
            proto: Proto::Udp,
            destination: SocketAddr::from(([127, 0, 0, 1], port)),
            source_ip: None,
            contents: vec![0; len],
        }
    }

    #[test]
    fn a_run_ends_at_another_peer_a_longer_packet_or_a_shorter_last_one() {
        let t = transmit;
        assert_eq!(run_length(&[t(1, 9), t(1, 9), t(2, 9)], 64), 2);
        assert_eq!(run_length(&[t(1, 9), t(1, 10)], 64), 1);
        assert_eq!(run_length(&[t(1, 9), t(1, 4), t(1, 4)], 64), 2);
        assert_eq!(run_length(&[t(1, 9), t(1, 9), t(1, 9)], 2), 2);
        assert_eq!(run_length(&[t(1, 40_000), t(1, 40_000)], 64), 1);
        assert_eq!(run_length(&[t(1, 0), t(1, 0)], 64), 1);
    }

    #[test]
    fn what_cannot_be_sent_is_counted_and_stops_nothing_else() {
        let mut port = UdpPort::bind(([127, 0, 0, 1], 0).into()).unwrap();
        let receiver = std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        receiver
            .set_read_timeout(Some(std::time::Duration::from_secs(5)))
            .unwrap();
        let reachable = receiver.local_addr().unwrap().port();
        let counters = Counters::default();
        let sizes = [(reachable, 7), (0, 9), (0, 9), (reachable, 8)];
        let segments = port.max_segments;
        port.send(&sizes.map(|(to, len)| transmit(to, len)), &counters);
        let mut buf = [0; 64];
        assert_eq!(receiver.recv(&mut buf).unwrap(), 7);
        assert_eq!(receiver.recv(&mut buf).unwrap(), 8);
        assert_eq!(counters.get(Total::PacketsOut), 2);
        assert_eq!(counters.get(Total::BytesOut), 15);
        assert_eq!(counters.get(Total::DroppedSendError), 2);
        assert_eq!(port.max_segments, segments);
    }
}
