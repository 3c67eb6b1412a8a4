//! ICE-TCP connections (RFC 6544): accepting or connecting, framed packets.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};

use crate::counters::{Counters, Total};
use crate::framing::{FrameReader, frame_header};

/// What one slow connection may hold back before its packets are dropped: about a
/// second of a 2 Mbit/s picture.
const MAX_BACKLOG_BYTES: usize = 256 * 1024;
const MAX_CONNECTIONS: usize = 2_048;
/// A connection that proved nothing by then is closed.
const PROOF_TIMEOUT: Duration = Duration::from_secs(10);

pub struct Connections {
    streams: HashMap<Token, Connection>,
    by_address: HashMap<SocketAddr, Token>,
    next_token: usize,
    scratch: Vec<u8>,
}

struct Connection {
    stream: TcpStream,
    remote: SocketAddr,
    local_ip: Option<IpAddr>,
    reader: FrameReader,
    backlog: Vec<u8>,
    opened: Instant,
}

/// One packet of a connection.
pub struct Received<'a> {
    pub remote: SocketAddr,
    pub local_ip: Option<IpAddr>,
    pub packet: &'a [u8],
}

impl Connections {
    /// Tokens from `first_token` on are ours.
    pub fn new(first_token: usize) -> Connections {
        Connections {
            streams: HashMap::new(),
            by_address: HashMap::new(),
            next_token: first_token,
            scratch: vec![0; 64 * 1024],
        }
    }

    pub fn accept_all(
        &mut self,
        listener: &TcpListener,
        registry: &Registry,
        counters: &Counters,
        now: Instant,
    ) {
        // WouldBlock ends the burst; so does a failing accept (no descriptors left):
        // those who wait are tried again with the next connection.
        while let Ok((stream, remote)) = listener.accept() {
            if self.streams.len() >= MAX_CONNECTIONS
                || self.insert(stream, remote, registry, now).is_err()
            {
                counters.add(Total::DroppedTcpRefused, 1);
            }
        }
    }

    pub fn connect(
        &mut self,
        remote: SocketAddr,
        registry: &Registry,
        now: Instant,
    ) -> io::Result<()> {
        if self.by_address.contains_key(&remote) {
            return Ok(());
        }
        self.insert(TcpStream::connect(remote)?, remote, registry, now)
    }

    fn insert(
        &mut self,
        mut stream: TcpStream,
        remote: SocketAddr,
        registry: &Registry,
        now: Instant,
    ) -> io::Result<()> {
        // Media packets must not wait for each other (Nagle); failing costs delay only.
        let _ = stream.set_nodelay(true);
        let token = Token(self.next_token);
        self.next_token += 1;
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        self.by_address.insert(remote, token);
        self.streams.insert(
            token,
            Connection {
                local_ip: stream.local_addr().ok().map(|a| a.ip()),
                stream,
                remote,
                reader: FrameReader::default(),
                backlog: vec![],
                opened: now,
            },
        );
        Ok(())
    }

    /// Reads everything waiting and writes what was held back. Returns the remote
    /// address when the connection ended.
    pub fn ready(
        &mut self,
        token: Token,
        mut take: impl FnMut(Received<'_>),
    ) -> Option<SocketAddr> {
        let connection = self.streams.get_mut(&token)?;
        let remote = connection.remote;
        let alive =
            connection.flush().is_ok() && connection.read(&mut self.scratch, &mut take).is_ok();
        if alive {
            return None;
        }
        self.close(token);
        Some(remote)
    }

    pub fn send(&mut self, remote: SocketAddr, packet: &[u8], counters: &Counters) {
        let token = self.by_address.get(&remote).copied();
        let Some(connection) = token.and_then(|t| self.streams.get_mut(&t)) else {
            counters.add(Total::DroppedSendError, 1);
            return;
        };
        let Some(header) = frame_header(packet.len()) else {
            counters.add(Total::DroppedSendError, 1);
            return;
        };
        if connection.backlog.len() + packet.len() > MAX_BACKLOG_BYTES {
            counters.add(Total::DroppedTcpBacklog, 1);
            return;
        }
        connection.backlog.extend_from_slice(&header);
        connection.backlog.extend_from_slice(packet);
        counters.add(Total::PacketsOut, 1);
        counters.add(Total::BytesOut, packet.len() as u64);
        // A broken connection shows up as readable; `ready` then closes it.
        let _ = connection.flush();
    }

    /// Closes connections that never proved to belong to a peer.
    pub fn sweep(&mut self, now: Instant, known: impl Fn(SocketAddr) -> bool) {
        let strangers: Vec<Token> = self
            .streams
            .iter()
            .filter(|(_, c)| now.saturating_duration_since(c.opened) >= PROOF_TIMEOUT)
            .filter(|(_, c)| !known(c.remote))
            .map(|(token, _)| *token)
            .collect();
        strangers.into_iter().for_each(|token| self.close(token));
    }

    fn close(&mut self, token: Token) {
        if let Some(connection) = self.streams.remove(&token)
            && self.by_address.get(&connection.remote) == Some(&token)
        {
            self.by_address.remove(&connection.remote);
        }
    }
}

impl Connection {
    fn flush(&mut self) -> io::Result<()> {
        while !self.backlog.is_empty() {
            match self.stream.write(&self.backlog) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.backlog.drain(..count);
                }
                Err(e) if waits(&e) => break,
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    fn read(&mut self, scratch: &mut [u8], take: &mut impl FnMut(Received<'_>)) -> io::Result<()> {
        loop {
            match self.stream.read(scratch) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.reader.push(&scratch[..count]),
                Err(e) if waits(&e) => return Ok(()),
                Err(e) => return Err(e),
            }
            loop {
                match self.reader.next_frame() {
                    Ok(Some(packet)) => take(Received {
                        remote: self.remote,
                        local_ip: self.local_ip,
                        packet,
                    }),
                    Ok(None) => break,
                    Err(_) => return Err(io::ErrorKind::InvalidData.into()),
                }
            }
        }
    }
}

/// Not an error: nothing to do now, or still connecting.
fn waits(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected | io::ErrorKind::Interrupted
    )
}
