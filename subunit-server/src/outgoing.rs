//! Connections that this program opens: how long the other side has, and who is believed to be the host that was asked for.

use std::{
    io,
    net::{TcpStream, ToSocketAddrs as _},
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring, pki_types::ServerName,
};

/// A connection that is encrypted.
pub(crate) type OutgoingTlsStream = StreamOwned<ClientConnection, TcpStream>;

/// Connects to the first address of a host that answers within `connecting`; each later step may take `each_step`.
///
/// # Errors
///
/// If none does.
pub(crate) fn connect(
    host: &str,
    port: u16,
    connecting: Duration,
    each_step: Duration,
) -> io::Result<TcpStream> {
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, connecting) {
            Ok(stream) => {
                stream.set_read_timeout(Some(each_step))?;
                stream.set_write_timeout(Some(each_step))?;
                return Ok(stream);
            }
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// The certificates of authorities that the system has, or the file that `$SSL_CERT_FILE` names. None of them may be there.
pub(crate) fn authorities() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// TLS with hosts whose certificates an authority has signed.
///
/// # Errors
///
/// If there is no authority.
pub(crate) fn tls() -> io::Result<Arc<ClientConfig>> {
    let roots = authorities();
    if roots.is_empty() {
        let what =
            "this system has no certificates of authorities: name a file of them by $SSL_CERT_FILE";
        return Err(io::Error::other(what));
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

/// From now on a connection is encrypted.
///
/// # Errors
///
/// If the other side does not show that it is this host.
pub(crate) fn encrypt(
    config: Arc<ClientConfig>,
    host: &str,
    mut stream: TcpStream,
) -> io::Result<OutgoingTlsStream> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let mut client = ClientConnection::new(config, name).map_err(io::Error::other)?;
    while client.is_handshaking() {
        client.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(client, stream))
}
