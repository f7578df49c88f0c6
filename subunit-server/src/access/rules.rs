//! Which requests does this server answer, and what may who sends them do?

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    caller::{Caller, Ungranted},
    credentials::Credentials,
    network::Network,
    rate::RateTable,
    scope::AccessScope,
    token_file::TokenFile,
};

const FORWARDED_USER: HeaderName = HeaderName::from_static("x-forwarded-user");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How a server is reached.
#[derive(Debug)]
pub(crate) enum AccessRules {
    /// Over loopback: who can connect may do all.
    Open,
    /// With tokens.
    Guarded(GuardedAccess),
}

/// How a server is reached that asks who somebody is.
#[derive(Debug)]
pub(crate) struct GuardedAccess {
    pub(crate) tokens: TokenFile,
    /// Whether everybody may read.
    pub(crate) is_anonymous_read: bool,
    /// Whether connections are encrypted.
    pub(crate) is_tls: bool,
    /// Who says in headers whose request it is.
    pub(crate) proxies: Vec<Network>,
    /// Under which names it is reached, besides loopback.
    pub(crate) names: Vec<String>,
    pub(crate) rate: RateTable,
}

impl AccessRules {
    /// Who sends a request from an address.
    pub(crate) fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> Caller {
        match self {
            Self::Open => Caller { granted: Ok(AccessScope::Admin), token: None, address: peer },
            Self::Guarded(guarded) => guarded.caller(peer, headers),
        }
    }

    /// How long somebody has to wait before the next request, in seconds, if they ask too often.
    pub(crate) fn wait(&self, caller: &Caller) -> Option<u64> {
        match self {
            Self::Open => None,
            Self::Guarded(guarded) => guarded.rate.wait(caller.address, caller.token.as_deref()),
        }
    }

    /// Whether a name in an address is this server's. Without tokens it is only this machine's: a page elsewhere whose name
    /// leads to 127.0.0.1 could read the history otherwise (DNS rebinding).
    pub(crate) fn has_name(&self, host: &str) -> bool {
        let name = without_port(host);
        let address = address_of(name);
        match self {
            Self::Open => is_this_machine(name),
            // No name leads here by an address.
            Self::Guarded(guarded) => {
                let is_named = |known: &String| known.eq_ignore_ascii_case(name);
                is_this_machine(name) || address.is_some() || guarded.names.iter().any(is_named)
            }
        }
    }
}

impl GuardedAccess {
    fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> Caller {
        let is_proxy = self.is_proxy(peer);
        let address = if is_proxy { self.forwarded_for(headers).unwrap_or(peer) } else { peer };
        let (granted, token) = if self.is_tls || is_proxy || peer.to_canonical().is_loopback() {
            self.granted(is_proxy, headers)
        } else {
            (Err(Ungranted::NoProxy), None)
        };
        Caller { granted, token, address }
    }

    /// What is granted, and the name of the token.
    fn granted(
        &self,
        is_proxy: bool,
        headers: &HeaderMap,
    ) -> (Result<AccessScope, Ungranted>, Option<String>) {
        let user = is_proxy.then(|| only(headers, &FORWARDED_USER)).flatten();
        let (secret, most) = match Credentials::of(headers) {
            Credentials::Bearer(secret) => (secret, AccessScope::Admin),
            // What the proxy itself has asked for may be passed on to us.
            _ if user.is_some_and(|user| !user.is_empty()) => return (Ok(AccessScope::Read), None),
            Credentials::Basic(secret) => (secret, AccessScope::Read),
            Credentials::None if self.is_anonymous_read => return (Ok(AccessScope::Read), None),
            Credentials::None => return (Err(Ungranted::NoToken), None),
            Credentials::Unreadable => return (Err(Ungranted::WrongToken), None),
        };
        let found = self.tokens.find(&secret);
        // A browser sends what it was once told for this host: to a proxy, or for another project.
        if matches!(found, Ok(None)) && most == AccessScope::Read && self.is_anonymous_read {
            return (Ok(AccessScope::Read), None);
        }
        match found {
            Ok(Some(token)) => (Ok(token.scope.min(most)), Some(token.name)),
            Ok(None) => (Err(Ungranted::WrongToken), None),
            Err(_) => (Err(Ungranted::NoTokens), None),
        }
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|proxy| proxy.has(address))
    }

    /// Who has asked the first proxy of ours. Those before that one are anybody's to say.
    fn forwarded_for(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let said = headers.get_all(FORWARDED_FOR).iter().filter_map(|said| said.to_str().ok());
        let all: Vec<&str> = said.flat_map(|said| said.split(',')).map(str::trim).collect();
        let ours = |said: &&&str| said.parse().is_ok_and(|address| self.is_proxy(address));
        all.iter().rev().find(|said| !ours(said))?.parse().ok()
    }
}

/// The value of a header that is there once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut all = headers.get_all(name).iter();
    let (one, None) = (all.next()?, all.next()) else { return None };
    HeaderValue::to_str(one).ok()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn address_of(name: &str) -> Option<IpAddr> {
    match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(v6) => v6.parse().ok().map(IpAddr::V6),
        None => name.parse().ok().map(IpAddr::V4),
    }
}

fn is_this_machine(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
        || address_of(name).is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_ours_without_tokens() {
        for (host, is_ours) in [
            ("127.0.0.1:7357", true),
            ("127.0.0.1", true),
            ("localhost:1", true),
            ("LOCALHOST", true),
            ("[::1]:7357", true),
            ("[::1]", true),
            ("example.org", false),
            ("127.0.0.1.example.org:7357", false),
            ("localhost.example.org", false),
            ("[::2]:7357", false),
            ("192.168.0.1:7357", false),
            ("", false),
        ] {
            assert_eq!(AccessRules::Open.has_name(host), is_ours, "{host}");
        }
    }

    fn guarded(proxies: &[&str], is_tls: bool) -> AccessRules {
        AccessRules::Guarded(GuardedAccess {
            tokens: TokenFile::new("nothing".into()),
            is_anonymous_read: false,
            is_tls,
            proxies: proxies.iter().map(|proxy| proxy.parse().unwrap()).collect(),
            names: vec!["tests.example".into()],
            rate: RateTable::new(None),
        })
    }

    #[test]
    fn only_a_proxy_says_whose_request_it_is() {
        let read = Ok(AccessScope::Read);
        let strange = Err(Ungranted::NoProxy);
        for (is_tls, peer, headers, granted, address) in [
            (false, "10.0.0.5", &[("x-forwarded-user", "ann")][..], read, "10.0.0.5"),
            (false, "10.0.0.5", &[("x-forwarded-user", "")], Err(Ungranted::NoToken), "10.0.0.5"),
            // Who adds a header to one that is there already does not become somebody else.
            (
                false,
                "10.0.0.5",
                &[("x-forwarded-user", "root"), ("x-forwarded-user", "ann")],
                Err(Ungranted::NoToken),
                "10.0.0.5",
            ),
            (
                false,
                "10.0.0.5",
                &[("x-forwarded-for", "1.2.3.4, 5.6.7.8")],
                Err(Ungranted::NoToken),
                "5.6.7.8",
            ),
            (
                false,
                "10.0.0.5",
                &[("x-forwarded-for", "5.6.7.8, 10.0.0.5")],
                Err(Ungranted::NoToken),
                "5.6.7.8",
            ),
            (
                false,
                "10.0.0.5",
                &[("x-forwarded-for", "nobody")],
                Err(Ungranted::NoToken),
                "10.0.0.5",
            ),
            (false, "10.0.0.6", &[("x-forwarded-user", "ann")], strange, "10.0.0.6"),
            (false, "10.0.0.6", &[("x-forwarded-for", "10.0.0.5")], strange, "10.0.0.6"),
            (true, "10.0.0.6", &[("x-forwarded-user", "ann")], Err(Ungranted::NoToken), "10.0.0.6"),
            (
                false,
                "127.0.0.1",
                &[("x-forwarded-user", "ann")],
                Err(Ungranted::NoToken),
                "127.0.0.1",
            ),
        ] {
            let rules = guarded(&["10.0.0.5"], is_tls);
            let mut all = HeaderMap::new();
            for (name, value) in headers {
                all.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            let caller = rules.caller(peer.parse().unwrap(), &all);
            assert_eq!(caller.granted, granted, "{peer} {headers:?}");
            assert_eq!(caller.address.to_string(), address, "{peer} {headers:?}");
        }
    }

    #[test]
    fn with_tokens_a_server_has_the_names_that_it_was_given() {
        let rules = guarded(&[], true);
        for (host, is_ours) in [
            ("tests.example", true),
            ("Tests.Example:8443", true),
            ("localhost", true),
            ("192.168.0.1:8443", true),
            ("[2001:db8::1]", true),
            ("example", false),
            ("other.tests.example", false),
            ("", false),
        ] {
            assert_eq!(rules.has_name(host), is_ours, "{host}");
        }
    }
}
