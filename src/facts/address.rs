//! IP addresses as a URL may spell them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address that a host is, if it is one: dotted, shortened (`127.1`), hexadecimal, octal or one
/// number, as browsers and `curl` read them, and IPv6 without its brackets.
#[must_use]
pub fn parse(host: &str) -> Option<IpAddr> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.contains(':') {
        let bare = host.split('%').next().unwrap_or(host);
        return bare.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    }
    v4(host).map(IpAddr::V4)
}

/// Is the host an address rather than a name?
#[must_use]
pub fn is_ip(host: &str) -> bool {
    parse(host).is_some()
}

/// Is the host an address that anyone on the internet may own? Loopback, private, link-local, shared
/// (100.64/10), benchmark, documentation, multicast and reserved ranges are not.
#[must_use]
pub fn is_public_ip(host: &str) -> bool {
    match parse(host) {
        Some(IpAddr::V4(address)) => is_public_v4(address),
        Some(IpAddr::V6(address)) => {
            let first = address.segments()[0];
            let documentation = first == 0x2001 && address.segments()[1] == 0x0db8;
            let local = address.is_loopback() || address.is_unspecified() || address.is_multicast();
            let private = first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80;
            address.to_ipv4_mapped().map_or(!(documentation || local || private), is_public_v4)
        }
        None => false,
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let local = address.is_loopback() || address.is_private() || address.is_link_local() || a == 0;
    let shared = a == 100 && b & 0xc0 == 64 || a == 198 && b & 0xfe == 18 || [a, b, c] == [192, 0, 0];
    // The address of every manual.
    let sample = address.is_documentation() || address.octets() == [1, 2, 3, 4];
    !(local || shared || sample || a >= 224)
}

/// `inet_aton`: one to four numbers, the last of which fills what is left.
fn v4(host: &str) -> Option<Ipv4Addr> {
    if !host.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut parts = host.split('.').map(number);
    let numbers = [parts.next()?, parts.next().unwrap_or(Some(0)), parts.next().unwrap_or(Some(0))];
    let count = host.split('.').count();
    let last = number(host.rsplit('.').next()?)?;
    if !(1..=4).contains(&count) || last >= 1_u64 << (8 * (5 - count)) {
        return None;
    }
    let mut value = last;
    for (at, part) in numbers.into_iter().take(count - 1).enumerate() {
        let part = part.filter(|part| *part < 256)?;
        value |= part << (24 - 8 * at);
    }
    u32::try_from(value).ok().map(Ipv4Addr::from)
}

fn number(text: &str) -> Option<u64> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (digits, radix) = match (hex, text.strip_prefix('0')) {
        (Some(hex), _) => (hex, 16),
        (None, Some(octal)) if !octal.is_empty() => (octal, 8),
        _ => (text, 10),
    };
    if digits.is_empty() || digits.len() > 12 || digits.starts_with('+') {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_many_spellings() {
        for host in ["127.0.0.1", "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "0x7f000001", "017700000001"] {
            assert_eq!(parse(host), Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), "{host}");
        }
        for host in ["::1", "[::1]", "fe80::1%eth0"] {
            assert!(is_ip(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "1.2.3.4.5",
            "256.1.1.1",
            "1.2.3.256",
            "1..2",
            "0x",
            "08.1",
            "4294967296",
            "a:b",
            "1.2.3.x",
        ] {
            assert!(!is_ip(host), "{host}");
        }
    }

    #[test]
    fn only_addresses_of_strangers_are_public() {
        for host in
            ["45.9.8.7", "8.8.8.8", "0x2d090807", "2606:4700::1111", "::ffff:45.9.8.7", "172.32.0.1", "100.128.0.1"]
        {
            assert!(is_public_ip(host), "{host}");
        }
        for host in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.1",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.9",
            "198.18.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "1.2.3.4",
            "::1",
            "::",
            "fd00::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "::ffff:10.0.0.1",
            "example.com",
        ] {
            assert!(!is_public_ip(host), "{host}");
        }
    }
}
