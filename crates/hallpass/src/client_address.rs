//! From which address a request comes, where proxies forward it.

use std::net::IpAddr;
#[cfg(feature = "axum")]
use std::net::SocketAddr;

use http::{HeaderMap, HeaderName, header::FORWARDED, request::Parts};
use ipnet::IpNet;

use crate::{Hallpass, config::Mistake};

/// The header in which proxies tell whom they forward. Both name every hop, the nearest last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedIn {
    /// `X-Forwarded-For: 203.0.113.7, 10.0.0.3`
    #[default]
    XForwardedFor,
    /// `Forwarded: for=203.0.113.7, for="[2001:db8::1]:4711"` (RFC 7239)
    Forwarded,
}

/// The address at the other end of the connection, for servers that do not leave axum's `ConnectInfo<SocketAddr>` in the
/// extensions of a request: put it there before the layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub IpAddr);

/// Who may speak for others.
#[derive(Debug, Default)]
pub(crate) struct Proxies {
    networks: Vec<IpNet>,
    header: ForwardedIn,
}

impl Hallpass {
    /// The address of the client, as far as it is known: that of the connection, or what
    /// [`Builder::trusted_proxies`](crate::Builder::trusted_proxies) say.
    pub fn client_address(&self, request: &Parts) -> Option<IpAddr> {
        self.config().hardening.proxies.client(peer(request)?, &request.headers)
    }
}

fn peer(request: &Parts) -> Option<IpAddr> {
    if let Some(PeerAddress(address)) = request.extensions.get() {
        return Some(*address);
    }
    #[cfg(feature = "axum")]
    if let Some(axum::extract::ConnectInfo(address)) = request.extensions.get::<axum::extract::ConnectInfo<SocketAddr>>() {
        return Some(address.ip());
    }
    None
}

impl Proxies {
    pub(crate) fn parse(networks: Vec<String>, header: ForwardedIn, mistakes: &mut Vec<Mistake>) -> Self {
        let parse = |text: &str| text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        let mut known = Vec::new();
        for text in networks {
            match parse(text.trim()) {
                Some(network) => known.push(network),
                None => mistakes.push(Mistake::InvalidProxy(text)),
            }
        }
        Self { networks: known, header }
    }

    /// Walks from the connection outwards, as far as the word of trusted proxies reaches. `None`: the last of them does
    /// not say whom it forwards.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let mut address = peer.to_canonical();
        for hop in self.hops(headers).iter().rev() {
            if !self.trusts(address) {
                break;
            }
            address = (*hop)?;
        }
        Some(address)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The hops in the order of the request. `None`: one that cannot be read.
    fn hops(&self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let (name, read): (_, fn(&str) -> Option<IpAddr>) = match self.header {
            ForwardedIn::XForwardedFor => (HeaderName::from_static("x-forwarded-for"), node),
            ForwardedIn::Forwarded => (FORWARDED, forwarded_for),
        };
        let fields = headers.get_all(name);
        let texts = fields.into_iter().map(|field| String::from_utf8_lossy(field.as_bytes()));
        texts.flat_map(|text| text.split(',').map(read).collect::<Vec<_>>()).collect()
    }
}

/// The `for` of one element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    node(value.trim().trim_matches('"'))
}

/// An address, which may have a port, and brackets if it is of version 6.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bracketed = || text.strip_prefix('[')?.split_once(']')?.0.parse().ok();
    let with_port = || text.rsplit_once(':').filter(|(host, _)| !host.contains(':'))?.0.parse().ok();
    let address: Option<IpAddr> = text.parse().ok().or_else(bracketed).or_else(with_port);
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADERS: [(ForwardedIn, &str); 2] = [(ForwardedIn::XForwardedFor, "x-forwarded-for"), (ForwardedIn::Forwarded, "forwarded")];

    fn client(header: ForwardedIn, peer: &str, fields: &[&str]) -> Option<String> {
        let mut mistakes = Vec::new();
        let networks = ["10.0.0.0/8", "192.0.2.1", "fd00::/8"].map(str::to_owned).to_vec();
        let proxies = Proxies::parse(networks, header, &mut mistakes);
        assert!(mistakes.is_empty());
        let name = HEADERS.iter().find(|(of, _)| *of == header).unwrap().1;
        let headers = fields.iter().map(|field| (HeaderName::from_static(name), field.parse().unwrap())).collect();
        proxies.client(peer.parse().unwrap(), &headers).map(|address| address.to_string())
    }

    #[test]
    fn the_word_of_trusted_proxies_counts_and_of_nobody_else() {
        for (peer, fields, expected) in [
            ("203.0.113.7", &[] as &[&str], Some("203.0.113.7")),
            ("203.0.113.7", &["198.51.100.1"], Some("203.0.113.7")),
            ("10.0.0.1", &["198.51.100.1"], Some("198.51.100.1")),
            ("::ffff:10.0.0.1", &["198.51.100.1"], Some("198.51.100.1")),
            ("192.0.2.1", &["198.51.100.1"], Some("198.51.100.1")),
            ("192.0.2.2", &["198.51.100.1"], Some("192.0.2.2")),
            // what a client invents stands before what the proxies add
            ("10.0.0.1", &["1.1.1.1, 198.51.100.1, 10.0.0.2"], Some("198.51.100.1")),
            ("10.0.0.1", &["1.1.1.1", "198.51.100.1", "10.0.0.2"], Some("198.51.100.1")),
            ("10.0.0.1", &["nonsense, 198.51.100.1"], Some("198.51.100.1")),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], Some("10.0.0.3")),
            ("10.0.0.1", &["unknown"], None),
            ("10.0.0.1", &[""], None),
            ("10.0.0.1", &[], Some("10.0.0.1")),
            ("10.0.0.1", &["198.51.100.1:4711"], Some("198.51.100.1")),
            ("fd00::1", &["[2001:db8::1]:4711"], Some("2001:db8::1")),
            ("fd00::1", &["2001:db8::1"], Some("2001:db8::1")),
        ] {
            assert_eq!(client(ForwardedIn::XForwardedFor, peer, fields).as_deref(), expected, "{peer} {fields:?}");
        }
    }

    #[test]
    fn the_standard_header_names_hops_by_for() {
        for (fields, expected) in [
            (&["for=198.51.100.1"] as &[&str], Some("198.51.100.1")),
            (&["proto=https;For=\"[2001:db8::1]:4711\";by=10.0.0.1"], Some("2001:db8::1")),
            (&["for=1.1.1.1, for=198.51.100.1, for=10.0.0.2;proto=http"], Some("198.51.100.1")),
            // a quote that a client left open hides nothing that follows
            (&["for=\"1.1.1.1", "for=198.51.100.1"], Some("198.51.100.1")),
            (&["for=_hidden"], None),
            (&["by=198.51.100.1"], None),
        ] {
            assert_eq!(client(ForwardedIn::Forwarded, "10.0.0.1", fields).as_deref(), expected, "{fields:?}");
        }
    }

    #[test]
    fn without_proxies_the_connection_counts() {
        let headers = [(HeaderName::from_static("x-forwarded-for"), "1.1.1.1".parse().unwrap())].into_iter().collect();
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        assert_eq!(Proxies::default().client(peer, &headers), Some(peer));
    }
}
