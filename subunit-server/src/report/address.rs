//! Where is a server?

use std::fmt;

/// The address of a server, such as `https://tests.example.org/`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ServerAddress {
    pub(super) is_tls: bool,
    /// A name, or a number; of version 6 without its brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Before the paths of the server, without a `/` at its end.
    pub(super) base: String,
}

impl ServerAddress {
    /// Reads an address.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (scheme, rest) =
            text.split_once("://").ok_or("use http://HOST:PORT/ or https://HOST/")?;
        let is_tls = match scheme {
            "http" => false,
            "https" => true,
            _ => return Err("use http:// or https://"),
        };
        let (place, path) = rest.split_once('/').unwrap_or((rest, ""));
        if place.contains('@') {
            return Err("an address has no password: put the token into $SUBUNIT_TOKEN");
        }
        let is_odd = |c: char| c.is_control() || c.is_whitespace() || !c.is_ascii();
        if text.contains(is_odd) || path.contains(['?', '#']) {
            return Err("use only the scheme, the host, the port and a path");
        }
        let usual = if is_tls { 443 } else { 80 };
        let (host, port) = match place.strip_prefix('[') {
            Some(v6) => {
                let (host, rest) = v6.split_once(']').ok_or("a `]` is missing")?;
                (host, rest.strip_prefix(':'))
            }
            None => match place.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            },
        };
        if host.is_empty() {
            return Err("the host is missing");
        }
        let port = port.map_or(Ok(usual), str::parse).map_err(|_| "the port is no number")?;
        let base = path.trim_end_matches('/');
        let base = if base.is_empty() { String::new() } else { format!("/{base}") };
        Ok(Self { is_tls, host: host.to_owned(), port, base })
    }

    /// The host and the port, as the header `Host` has them.
    pub(super) fn authority(&self) -> String {
        let usual = if self.is_tls { 443 } else { 80 };
        let host = match self.host.contains(':') {
            true => format!("[{}]", self.host),
            false => self.host.clone(),
        };
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_host() {
        for (text, shown) in [
            ("http://localhost:7357", "http://localhost:7357"),
            ("http://127.0.0.1:7357/", "http://127.0.0.1:7357"),
            ("https://tests.example.org", "https://tests.example.org"),
            ("https://tests.example.org:443/a/b/", "https://tests.example.org/a/b"),
            ("http://[::1]:80/", "http://[::1]"),
            ("http://[::1]:81", "http://[::1]:81"),
        ] {
            assert_eq!(ServerAddress::parse(text).unwrap().to_string(), shown, "{text}");
        }
        for text in [
            "localhost:7357",
            "ftp://host/",
            "http://",
            "http:///x",
            "http://host:port/",
            "http://user:secret@host/",
            "http://host/?token=x",
            "http://ho st/",
            "http://host/\r\nX: y",
            "http://[::1/",
        ] {
            assert!(ServerAddress::parse(text).is_err(), "{text}");
        }
    }
}
