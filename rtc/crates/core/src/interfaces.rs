//! Addresses of this machine.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Every usable address, loopback last: some clients only try the first candidate.
pub fn addresses() -> io::Result<Vec<IpAddr>> {
    let mut list: *mut libc::ifaddrs = std::ptr::null_mut();
    // SAFETY: getifaddrs fills `list`, which is freed below.
    if unsafe { libc::getifaddrs(&mut list) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let mut found = vec![];
    let mut entry = list;
    while !entry.is_null() {
        // SAFETY: `entry` is an element of the list until freeifaddrs.
        let interface = unsafe { &*entry };
        entry = interface.ifa_next;
        let up = interface.ifa_flags & libc::IFF_UP as u32 != 0;
        // SAFETY: `ifa_addr` is null or a socket address of the family it names.
        if let Some(address) = unsafe { ip_of(interface.ifa_addr) }
            && up
            && usable(address)
            && !found.contains(&address)
        {
            found.push(address);
        }
    }
    // SAFETY: `list` came from getifaddrs and nothing borrows it any more.
    unsafe { libc::freeifaddrs(list) };
    found.sort_by_key(IpAddr::is_loopback);
    Ok(found)
}

/// # Safety
/// `address` is null or points to a socket address of the family it names.
unsafe fn ip_of(address: *const libc::sockaddr) -> Option<IpAddr> {
    if address.is_null() {
        return None;
    }
    // SAFETY: the caller's promise; the family decides the layout.
    unsafe {
        match i32::from((*address).sa_family) {
            libc::AF_INET => {
                let v4 = *address.cast::<libc::sockaddr_in>();
                Some(Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr)).into())
            }
            libc::AF_INET6 => {
                let v6 = *address.cast::<libc::sockaddr_in6>();
                Some(Ipv6Addr::from(v6.sin6_addr.s6_addr).into())
            }
            _ => None,
        }
    }
}

/// Link-local addresses need a zone, which candidates cannot carry.
fn usable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !v4.is_link_local() && !v4.is_unspecified(),
        IpAddr::V6(v6) => !v6.is_unspecified() && (v6.segments()[0] & 0xffc0) != 0xfe80,
    }
}

/// The addresses a socket bound to `bind` can be reached at.
pub fn reachable(bind: IpAddr) -> io::Result<Vec<IpAddr>> {
    if !bind.is_unspecified() {
        return Ok(vec![bind]);
    }
    let mut all = addresses()?;
    all.retain(|a| a.is_ipv4() == bind.is_ipv4());
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_found_and_comes_last() {
        let all = reachable(Ipv4Addr::UNSPECIFIED.into()).unwrap();
        assert!(all.last().unwrap().is_loopback());
        assert!(all.iter().all(IpAddr::is_ipv4));
        let one: IpAddr = Ipv4Addr::new(127, 0, 0, 1).into();
        assert_eq!(reachable(one).unwrap(), vec![one]);
    }
}
