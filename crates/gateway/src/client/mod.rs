//! Where a request comes from: the address of the peer, or the one that a trusted proxy names.

mod forwarded;

use std::net::IpAddr;

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The address of the client of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client(pub(crate) IpAddr);

impl Client {
    /// Returns its network: the first 24 bits in IPv4, the first 48 in IPv6. A whole address can be personal data.
    pub(crate) fn network(self) -> IpNet {
        self.within(24, 48)
    }

    /// Returns what one client has at its disposal: an address in IPv4, 64 bits of addresses in IPv6.
    pub(crate) fn own(self) -> IpNet {
        self.within(32, 64)
    }

    fn within(self, v4: u8, v6: u8) -> IpNet {
        let length = if self.0.is_ipv4() { v4 } else { v6 };
        IpNet::new(self.0, length)
            .unwrap_or_else(|_| self.0.into())
            .trunc()
    }
}

/// The proxies that are trusted to name the client.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Reads addresses and networks, such as `10.0.0.5` and `10.0.0.0/8`.
    ///
    /// # Errors
    ///
    /// The first text that is neither.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, &'a str> {
        let read = |text: &'a str| {
            let network = text.parse().ok();
            network
                .or_else(|| text.parse().ok().map(|address: IpAddr| address.into()))
                .ok_or(text)
        };
        texts
            .into_iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Returns the client: the peer itself, or the last address in the headers of a trusted peer that is not such a proxy's.
    ///
    /// A proxy may maintain one of the two headers and hand on the other as the client sent it. If they name different clients,
    /// neither is believed.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        if !self.trust(peer) {
            return Client(peer);
        }
        let last =
            |named: Option<Vec<Option<IpAddr>>>| named.map(|named| self.last_outside(&named));
        let named = match (
            last(forwarded::x_forwarded_for(headers)),
            last(forwarded::forwarded(headers)),
        ) {
            (Some(one), Some(other)) => one.filter(|_| one == other),
            (one, other) => one.or(other).flatten(),
        };
        Client(named.unwrap_or(peer))
    }

    /// Returns the last address that is not a trusted proxy's; the first one if all are. What lies beyond a text that is no
    /// address is not believed.
    fn last_outside(&self, named: &[Option<IpAddr>]) -> Option<IpAddr> {
        let mut last = None;
        for address in named.iter().rev() {
            last = *address;
            if !last.is_some_and(|address| self.trust(address)) {
                break;
            }
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let proxies = Proxies::parse(["10.0.0.0/8", "192.0.2.7", "fd00::/8"]).expect("networks");
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).expect("a value");
            map.append(HeaderName::from_static(name), value);
        }
        let peer = peer.parse().expect("an address");
        proxies.client(peer, &map).0.to_string()
    }

    #[test]
    fn only_a_trusted_proxy_names_the_client() {
        let x = "x-forwarded-for";
        for (peer, headers, expected) in [
            ("198.51.100.1", &[][..], "198.51.100.1"),
            ("198.51.100.1", &[(x, "203.0.113.9")], "198.51.100.1"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("10.1.2.3", &[(x, "203.0.113.9")], "203.0.113.9"),
            // What the client itself wrote lies to the left.
            ("10.1.2.3", &[(x, "1.1.1.1, 203.0.113.9")], "203.0.113.9"),
            (
                "10.1.2.3",
                &[(x, "1.1.1.1, 203.0.113.9, 192.0.2.7")],
                "203.0.113.9",
            ),
            (
                "10.1.2.3",
                &[(x, "203.0.113.9"), (x, "10.9.9.9")],
                "203.0.113.9",
            ),
            ("10.1.2.3", &[(x, "10.5.5.5, 10.6.6.6")], "10.5.5.5"),
            ("10.1.2.3", &[(x, "1.1.1.1, unknown, 10.6.6.6")], "10.1.2.3"),
            ("10.1.2.3", &[(x, "")], "10.1.2.3"),
            ("10.1.2.3", &[(x, "203.0.113.9:4711")], "203.0.113.9"),
            ("fd00::1", &[(x, "[2001:db8::9]:1")], "2001:db8::9"),
            ("fd00::1", &[(x, "2001:db8::9")], "2001:db8::9"),
            ("10.1.2.3", &[(x, "::ffff:203.0.113.9")], "203.0.113.9"),
        ] {
            assert_eq!(client(peer, headers), expected, "{peer} {headers:?}");
        }
    }

    #[test]
    fn two_headers_that_disagree_are_not_believed() {
        let (x, f) = ("x-forwarded-for", "forwarded");
        for (headers, expected) in [
            (
                &[(f, "for=1.1.1.1, for=203.0.113.9;proto=https;by=10.0.0.1")][..],
                "203.0.113.9",
            ),
            (&[(f, "For=\"[2001:db8::9]:4711\"")], "2001:db8::9"),
            (&[(f, "for=\"1.1.1.1, for=203.0.113.9")], "203.0.113.9"),
            (&[(f, "for=_hidden")], "10.1.2.3"),
            (&[(f, "proto=https")], "10.1.2.3"),
            (&[(x, "203.0.113.9"), (f, "for=203.0.113.9")], "203.0.113.9"),
            (&[(x, "203.0.113.9"), (f, "for=1.1.1.1")], "10.1.2.3"),
        ] {
            assert_eq!(client("10.1.2.3", headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn what_is_logged_is_a_network() {
        let network = |text: &str| {
            Client(text.parse().expect("an address"))
                .network()
                .to_string()
        };
        assert_eq!(network("203.0.113.9"), "203.0.113.0/24");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1::/48");
        let own = |text: &str| Client(text.parse().expect("an address")).own().to_string();
        assert_eq!(own("203.0.113.9"), "203.0.113.9/32");
        assert_eq!(own("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert!(matches!(
            Proxies::parse(["10.0.0.0/8", "proxy"]),
            Err("proxy")
        ));
    }
}
