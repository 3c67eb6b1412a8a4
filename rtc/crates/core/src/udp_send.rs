//! Many datagrams to many peers in one system call: sendmmsg(2), Linux.
//!
//! A packet forwarded to a class goes to as many addresses as it has rooms, which no
//! segmentation offload joins. The only unsafe code of the way of a packet.

use std::io;
use std::mem;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, BorrowedFd};

use socket2::SockAddr;

use crate::media::Transmit;

/// Room for a segment size and a source address of either family, each with its header.
const CONTROL_WORDS: usize = 10;

/// Datagrams for one peer that leave as segments of one send (udp(7), UDP_SEGMENT):
/// equal sizes, only the last may be shorter.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// At least one.
    pub transmits: &'a [Transmit],
    /// Where replies must come from, when the socket is bound to every address.
    pub source_ip: Option<IpAddr>,
}

impl Run<'_> {
    pub fn bytes(&self) -> usize {
        self.transmits.iter().map(|t| t.contents.len()).sum()
    }
}

/// Sends in order. Returns how many runs the kernel took, at least one; fails with
/// what it said of the first.
pub fn send_runs(socket: BorrowedFd<'_>, runs: &[Run<'_>]) -> io::Result<usize> {
    let names: Vec<SockAddr> = runs
        .iter()
        .map(|r| r.transmits[0].destination.into())
        .collect();
    let mut parts: Vec<libc::iovec> = runs.iter().flat_map(slices).collect();
    let mut controls: Vec<Control> = runs.iter().map(Control::of).collect();
    let mut messages = Vec::with_capacity(runs.len());
    let mut rest = parts.as_mut_slice();
    for ((run, name), control) in runs.iter().zip(&names).zip(&mut controls) {
        let (own, after) = rest.split_at_mut(run.transmits.len());
        messages.push(message(name, own, control));
        rest = after;
    }
    // SAFETY: every pointer of `messages` goes into `names`, `parts`, `controls` or the
    // transmits, which all outlive the call and are not moved before it. The kernel
    // writes only `msg_len` of each message.
    let sent = unsafe {
        libc::sendmmsg(
            socket.as_raw_fd(),
            messages.as_mut_ptr(),
            messages.len() as libc::c_uint,
            0,
        )
    };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

fn slices(run: &Run<'_>) -> impl Iterator<Item = libc::iovec> {
    run.transmits.iter().map(|t| libc::iovec {
        // Never written to: the type is shared with receiving.
        iov_base: t.contents.as_ptr().cast_mut().cast(),
        iov_len: t.contents.len(),
    })
}

fn message(name: &SockAddr, parts: &mut [libc::iovec], control: &mut Control) -> libc::mmsghdr {
    // SAFETY: plain C data, for which all zeros is "nothing given". Its padding is
    // private on some targets, so it cannot be written out.
    let mut message: libc::mmsghdr = unsafe { mem::zeroed() };
    let header = &mut message.msg_hdr;
    header.msg_name = name.as_ptr().cast_mut().cast();
    header.msg_namelen = name.len();
    header.msg_iov = parts.as_mut_ptr();
    header.msg_iovlen = parts.len() as _;
    if control.len > 0 {
        header.msg_control = control.words.as_mut_ptr().cast();
        header.msg_controllen = control.len as _;
    }
    message
}

/// Control messages (cmsg(3)), aligned as their headers want it.
struct Control {
    words: [u64; CONTROL_WORDS],
    len: usize,
}

impl Control {
    fn of(run: &Run<'_>) -> Control {
        let mut control = Control {
            words: [0; CONTROL_WORDS],
            len: 0,
        };
        if run.transmits.len() > 1 {
            let size = run.transmits[0].contents.len() as u16;
            control.push(libc::SOL_UDP, libc::UDP_SEGMENT, size);
        }
        match run.source_ip {
            Some(IpAddr::V4(ip)) => {
                let info = libc::in_pktinfo {
                    ipi_ifindex: 0,
                    ipi_spec_dst: libc::in_addr {
                        s_addr: u32::from_ne_bytes(ip.octets()),
                    },
                    ipi_addr: libc::in_addr { s_addr: 0 },
                };
                control.push(libc::IPPROTO_IP, libc::IP_PKTINFO, info);
            }
            Some(IpAddr::V6(ip)) => {
                let info = libc::in6_pktinfo {
                    ipi6_addr: libc::in6_addr {
                        s6_addr: ip.octets(),
                    },
                    ipi6_ifindex: 0,
                };
                control.push(libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, info);
            }
            None => {}
        }
        control
    }

    fn push<T: Copy>(&mut self, level: libc::c_int, kind: libc::c_int, value: T) {
        let size = mem::size_of::<T>() as libc::c_uint;
        // SAFETY: arithmetic on sizes only.
        let (len, space) = unsafe { (libc::CMSG_LEN(size), libc::CMSG_SPACE(size) as usize) };
        assert!(self.len + space <= mem::size_of_val(&self.words));
        // SAFETY: the header and its value lie within `words` (asserted above), which is
        // aligned for a header: it starts at a word, and CMSG_SPACE keeps to words.
        // The value is written unaligned, as CMSG_DATA promises nothing to its type.
        unsafe {
            let header: *mut libc::cmsghdr =
                self.words.as_mut_ptr().cast::<u8>().add(self.len).cast();
            (*header).cmsg_len = len as _;
            (*header).cmsg_level = level;
            (*header).cmsg_type = kind;
            libc::CMSG_DATA(header).cast::<T>().write_unaligned(value);
        }
        self.len += space;
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
    use std::os::fd::AsFd;
    use std::time::Duration;

    use super::*;
    use crate::media::Proto;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn receiver(ip: IpAddr) -> (UdpSocket, SocketAddr) {
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        let address = socket.local_addr().unwrap();
        (socket, address)
    }

    fn transmit(destination: SocketAddr, contents: &[u8]) -> Transmit {
        Transmit {
            proto: Proto::Udp,
            destination,
            source_ip: None,
            contents: contents.to_vec(),
        }
    }

    fn next(socket: &UdpSocket) -> (Vec<u8>, IpAddr) {
        let mut buf = [0; 64];
        let (len, from) = socket.recv_from(&mut buf).unwrap();
        (buf[..len].to_vec(), from.ip())
    }

    #[test]
    fn one_call_reaches_several_peers_with_single_packets_and_segments() {
        let sender = UdpSocket::bind((HERE, 0)).unwrap();
        let ((one, to_one), (two, to_two)) = (receiver(HERE), receiver(HERE));
        let single = [transmit(to_one, b"alone")];
        let segments = [&b"abcd"[..], b"efgh", b"i"].map(|c| transmit(to_two, c));
        let runs = [&single[..], &segments].map(|transmits| Run {
            transmits,
            source_ip: None,
        });
        assert_eq!(send_runs(sender.as_fd(), &runs).unwrap(), 2);
        assert_eq!(next(&one).0, b"alone");
        let got: Vec<_> = (0..3).map(|_| next(&two).0).collect();
        assert_eq!(got, [&b"abcd"[..], b"efgh", b"i"]);
    }

    #[test]
    fn packets_leave_from_the_address_the_peer_talks_to() {
        let (any_4, other) = (Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::new(127, 0, 0, 2));
        let (any_6, same) = (Ipv6Addr::UNSPECIFIED.into(), Ipv6Addr::LOCALHOST.into());
        for (any, theirs, ours) in [(any_4, HERE, other.into()), (any_6, same, same)] {
            let any: IpAddr = any;
            let sender = UdpSocket::bind((any, 0)).unwrap();
            let (receiver, address) = receiver(theirs);
            let transmits = [b"abcd", b"efgh"].map(|c| transmit(address, c));
            let run = Run {
                transmits: &transmits,
                source_ip: Some(ours),
            };
            assert_eq!(send_runs(sender.as_fd(), &[run]).unwrap(), 1);
            assert_eq!(next(&receiver), (b"abcd".to_vec(), ours));
            assert_eq!(next(&receiver), (b"efgh".to_vec(), ours));
        }
    }
}
