//! The addresses in `X-Forwarded-For` and in `Forwarded` (RFC 7239), from the client's to the last proxy's. A text that is no
//! address is `None`.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};

/// Returns the addresses of `X-Forwarded-For`, if it is there.
pub(super) fn x_forwarded_for(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    listed(headers, "x-forwarded-for", address)
}

/// Returns the addresses of `Forwarded`, if it is there.
pub(super) fn forwarded(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    listed(headers, header::FORWARDED.as_str(), |element| {
        element.split(';').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let is_client = name.trim().eq_ignore_ascii_case("for");
            is_client
                .then(|| address(value.trim().trim_matches('"')))
                .flatten()
        })
    })
}

/// Reads a list, which may be spread over several header lines. Commas within quotes are not minded: a proxy that is trusted
/// writes none, and what a client wrote before it must not hide it.
fn listed(
    headers: &HeaderMap,
    name: &str,
    read: impl Fn(&str) -> Option<IpAddr>,
) -> Option<Vec<Option<IpAddr>>> {
    let mut lines = headers.get_all(name).iter().peekable();
    lines.peek()?;
    let mut addresses = Vec::new();
    for line in lines {
        match line.to_str() {
            Ok(line) => addresses.extend(line.split(',').map(|text| read(text.trim()))),
            Err(_) => addresses.push(None),
        }
    }
    Some(addresses)
}

/// Reads an address, which may have a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse().ok();
    let address = address.or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}
