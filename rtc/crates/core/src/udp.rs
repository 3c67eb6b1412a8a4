//! A UDP port: batches in, runs of equal-size packets out in one call.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit as QuinnTransmit, UdpSocketState};

use crate::counters::{Counters, Total};
use crate::media::Transmit;

const SOCKET_BUFFER_BYTES: usize = 4 * 1024 * 1024;
/// The kernel may join datagrams of one sender up to this size (UDP_GRO).
const RECEIVE_BUFFER_BYTES: usize = 64 * 1024;
/// Largest UDP payload over IPv4, the limit of one segmented send.
const MAX_SEND_BYTES: usize = 65_507;

pub struct UdpPort {
    pub socket: mio::net::UdpSocket,
    state: UdpSocketState,
    buffers: Vec<u8>,
    metas: [RecvMeta; BATCH_SIZE],
    run: Vec<u8>,
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
        Ok(UdpPort {
            socket: mio::net::UdpSocket::from_std(socket),
            state,
            buffers: vec![0; per_message * BATCH_SIZE],
            metas: [RecvMeta::default(); BATCH_SIZE],
            run: Vec::with_capacity(MAX_SEND_BYTES),
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
        let mut rest = transmits;
        while let Some(first) = rest.first() {
            let count = run_length(rest, self.state.max_gso_segments());
            let (run, after) = rest.split_at(count);
            rest = after;
            if count == 1 {
                self.send_one(first, &first.contents, None, run, counters);
            } else {
                let mut joined = std::mem::take(&mut self.run);
                joined.clear();
                run.iter()
                    .for_each(|t| joined.extend_from_slice(&t.contents));
                self.send_one(first, &joined, Some(first.contents.len()), run, counters);
                self.run = joined;
            }
        }
    }

    fn send_one(
        &self,
        first: &Transmit,
        contents: &[u8],
        segment_size: Option<usize>,
        run: &[Transmit],
        counters: &Counters,
    ) {
        let transmit = QuinnTransmit {
            destination: first.destination,
            ecn: None,
            contents,
            segment_size,
            src_ip: first.source_ip,
        };
        match self.state.try_send((&self.socket).into(), &transmit) {
            Ok(()) => {
                counters.add(Total::PacketsOut, run.len() as u64);
                counters.add(Total::BytesOut, contents.len() as u64);
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                counters.add(Total::DroppedSendBuffer, run.len() as u64);
            }
            Err(_) => counters.add(Total::DroppedSendError, run.len() as u64),
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
}
