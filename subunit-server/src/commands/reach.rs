//! How is a server reached, and who may use it? The options that say it.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use subunit_filters::{cli::duration, exit::Error};

use super::token::TOKENS;
use crate::{
    access::{
        network::Network,
        rate::RateTable,
        rules::{AccessRules, GuardedAccess},
        token_file::TokenFile,
    },
    server::tls::TlsFiles,
};

/// The port unless another one is named: it looks like TEST. The ports of web frameworks, such as 8000 and 8080, are
/// often taken on the machine of somebody who runs tests.
const PORT: u16 = 7357;
/// How many requests a client may send in a second, unless told otherwise.
const RATE: u32 = 100;
/// How long a connection may be silent, unless told otherwise.
const IDLE: Duration = Duration::from_secs(30);

/// Who can reach the server, and what they may do.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Access")]
pub(super) struct ReachArgs {
    /// Listen on this address and port; port 0 is any free one [default: 127.0.0.1:7357]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Encrypt connections, with the certificate and those above it in this PEM file, and ask for tokens
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// The key of the certificate, in a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Take requests from a proxy at this address, or at one that begins with as many bits, and ask for tokens; repeatable
    #[arg(long, value_name = "ADDRESS[/BITS]", value_parser = str::parse::<Network>)]
    behind_proxy: Vec<Network>,
    /// Ask for tokens, also on this machine
    #[arg(long)]
    require_token: bool,
    /// Let everybody read who can connect; tokens are for the rest
    #[arg(long)]
    anonymous_read: bool,
    /// Answer under this name, besides localhost and addresses; repeatable
    #[arg(long = "name", value_name = "HOST", value_parser = host)]
    names: Vec<String>,
    /// The file of the tokens [default: server.tokens in the folder of the history]
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// How many requests a second each client may send, where tokens are asked for [default: 100]
    #[arg(long, value_name = "N")]
    rate: Option<NonZeroU32>,
    /// Close connections that send no whole request, or take nothing of an answer, for this long [default: 30s]
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    idle: Option<Duration>,
}

impl ReachArgs {
    /// Refuses what would let strangers in.
    pub(super) fn check(&self) -> Result<(), Error> {
        let is_encrypted = self.tls_certificate.is_some() || !self.behind_proxy.is_empty();
        if let Some(address) = self.listen
            && !address.ip().is_loopback()
            && !is_encrypted
        {
            return Err(Error::Usage(format!(
                "--listen {address}: other machines could read the history without a password: use --tls-certificate, --behind-proxy, or a loopback address, such as 127.0.0.1:{PORT}"
            )));
        }
        let without_use = [
            ("--anonymous-read", self.anonymous_read),
            ("--name", !self.names.is_empty()),
            ("--tokens", self.tokens.is_some()),
            ("--rate", self.rate.is_some()),
        ];
        match without_use.into_iter().find(|(_, is_given)| *is_given && !self.is_guarded()) {
            Some((option, _)) => Err(Error::Usage(format!(
                "{option}: the server asks nobody for a token: add --tls-certificate, --behind-proxy or --require-token"
            ))),
            None => Ok(()),
        }
    }

    /// Whether tokens are asked for.
    pub(super) fn is_guarded(&self) -> bool {
        self.tls_certificate.is_some() || !self.behind_proxy.is_empty() || self.require_token
    }

    /// Who asks for others.
    pub(super) fn proxies(&self) -> &[Network] {
        &self.behind_proxy
    }

    /// How long a connection may be silent, and an answer unread.
    pub(super) fn idle(&self) -> Duration {
        self.idle.unwrap_or(IDLE)
    }

    /// The certificate, if connections are encrypted.
    pub(super) fn tls(&self) -> Result<Option<Arc<TlsFiles>>, Error> {
        let (Some(certificate), Some(key)) = (&self.tls_certificate, &self.tls_key) else {
            return Ok(None);
        };
        let files = TlsFiles::open(certificate.clone(), key.clone());
        files.map(|files| Some(Arc::new(files))).map_err(|error| Error::Usage(error.to_string()))
    }

    /// Who may do what. `folder` is that of the history.
    pub(super) fn rules(&self, folder: Option<&Path>) -> Result<AccessRules, Error> {
        if !self.is_guarded() {
            return Ok(AccessRules::Open);
        }
        let path = self.tokens.clone().or_else(|| Some(folder?.join(TOKENS)));
        let path = path.ok_or_else(|| {
            Error::Usage(
                "the address of the history names no folder for the tokens: add `&files=FOLDER` to it, or name a file with --tokens".into(),
            )
        })?;
        let tokens = TokenFile::new(path);
        tokens.tokens().map_err(|error| Error::Usage(error.to_string()))?;
        Ok(AccessRules::Guarded(GuardedAccess {
            tokens,
            is_anonymous_read: self.anonymous_read,
            is_tls: self.tls_certificate.is_some(),
            proxies: self.behind_proxy.clone(),
            names: self.names.clone(),
            rate: RateTable::new(self.rate.or(NonZeroU32::new(RATE))),
        }))
    }

    /// The address for people.
    pub(super) fn url(&self, address: SocketAddr) -> String {
        let is_tls = self.tls_certificate.is_some();
        let scheme = if is_tls { "https" } else { "http" };
        match self.names.first().filter(|_| is_tls) {
            Some(name) => format!("{scheme}://{name}:{}/", address.port()),
            None => format!("{scheme}://{address}/"),
        }
    }

    pub(super) fn bind(&self) -> Result<(TcpListener, SocketAddr), Error> {
        let usual = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), PORT);
        let wanted = self.listen.unwrap_or(usual);
        let any = SocketAddr::new(wanted.ip(), 0);
        let bound = TcpListener::bind(wanted);
        // A proxy and others look for a guarded server where it always is.
        let is_fixed = self.listen.is_some() || self.is_guarded();
        let bound = if is_fixed { bound } else { bound.or_else(|_| TcpListener::bind(any)) };
        let listened = bound.and_then(|listener| {
            let address = listener.local_addr()?;
            listener.set_nonblocking(true)?;
            Ok((listener, address))
        });
        listened.map_err(|source| Error::System { name: format!("--listen {wanted}"), source })
    }
}

/// Reads the name of a host, as it stands between the scheme and the port of an address.
fn host(text: &str) -> Result<String, &'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if text.is_empty() || !text.chars().all(is_plain) {
        return Err("say the name alone, such as tests.example: no scheme, no port, no path");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_a_host_alone() {
        assert_eq!(host("tests.example"), Ok("tests.example".into()));
        for wrong in ["", "tests.example:443", "https://tests.example", "tests.example/", "a b"] {
            assert!(host(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_guarded_server_listens_at_no_other_port_than_its_own() {
        // If this fails, somebody else has the port.
        let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT));
        let open = ReachArgs::default();
        assert_ne!(open.bind().unwrap().1.port(), PORT);
        let guarded = ReachArgs { require_token: true, ..ReachArgs::default() };
        let said = guarded.bind().unwrap_err().to_string();
        assert!(said.contains("--listen 127.0.0.1:7357"), "{said}");
    }
}
