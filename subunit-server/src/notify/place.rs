//! Where a receiver is: a scheme, a host, a port and a path.

/// An address of a receiver.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct ReceiverPlace {
    /// Whether the connection is encrypted from its first byte on.
    pub(super) is_encrypted: bool,
    pub(super) host: String,
    pub(super) port: u16,
    /// With its query; it begins with `/`.
    pub(super) path: String,
}

/// A scheme without encryption and one with it, each with its port.
pub(super) type Schemes = [(&'static str, u16); 2];

pub(super) const HTTP: Schemes = [("http", 80), ("https", 443)];
pub(super) const SMTP: Schemes = [("smtp", 25), ("smtps", 465)];

impl ReceiverPlace {
    /// Reads an address of one of these schemes.
    ///
    /// # Errors
    ///
    /// What is wrong with it. The address is not repeated: it may hold a secret.
    pub(super) fn read(address: &str, schemes: &Schemes) -> Result<Self, String> {
        let [(plain, plain_port), (encrypted, encrypted_port)] = *schemes;
        let wrong = |what: &str| format!("{what}: say {encrypted}://HOST or {plain}://HOST");
        let (scheme, rest) = address.split_once("://").ok_or_else(|| wrong("it has no scheme"))?;
        let is_encrypted = match scheme {
            _ if scheme == plain => false,
            _ if scheme == encrypted => true,
            _ => return Err(wrong("its scheme is not known")),
        };
        let (server, path) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
        if server.contains('@') || !address.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong("it has a user, a blank or a letter that is not ASCII in it"));
        }
        let usual = if is_encrypted { encrypted_port } else { plain_port };
        let (host, port) = match server.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some((host, port)) => (host, port.parse().map_err(|_| wrong("its port is no number"))?),
            None => (server, usual),
        };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if bare.is_empty() {
            return Err(wrong("it has no host"));
        }
        let path = path.split('#').next().unwrap_or_default();
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self { is_encrypted, host: bare.to_owned(), port, path: format!("{slash}{path}") })
    }

    /// As `Host` has it.
    pub(super) fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_a_port_and_a_path() {
        for (address, authority, path, is_encrypted) in [
            ("https://h/a?b=c#d", "h:443", "/a?b=c", true),
            ("http://h:8080", "h:8080", "/", false),
            ("http://[::1]:81?x", "[::1]:81", "/?x", false),
            ("http://[::1]", "[::1]:80", "/", false),
        ] {
            let place = ReceiverPlace::read(address, &HTTP).unwrap();
            assert_eq!((&*place.authority(), &*place.path), (authority, path));
            assert_eq!(place.is_encrypted, is_encrypted);
        }
        for address in
            ["h", "ftp://h", "http://", "http://u:p@h", "http://h:x", "http://h/\r\nX: y"]
        {
            let said = ReceiverPlace::read(address, &HTTP).unwrap_err();
            assert!(said.ends_with("say https://HOST or http://HOST"), "{said}");
        }
    }
}
