//! Connections to receivers, encrypted or not. They block: a thread of its own sends.

use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs as _},
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring, pki_types::ServerName,
};

/// How long a receiver has for each step.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a receiver.
pub(super) enum ReceiverConnection {
    Plain(TcpStream),
    Encrypted(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl ReceiverConnection {
    /// Connects, without encryption.
    ///
    /// # Errors
    ///
    /// If nobody answers there.
    pub(super) fn open(host: &str, port: u16) -> io::Result<Self> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
        for address in (host, port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(PATIENCE))?;
                    stream.set_write_timeout(Some(PATIENCE))?;
                    return Ok(Self::Plain(stream));
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// From now on it is encrypted, if the receiver shows that it is this host.
    ///
    /// # Errors
    ///
    /// If it does not.
    pub(super) fn encrypt(self, host: &str) -> io::Result<Self> {
        let Self::Plain(mut stream) = self else { return Ok(self) };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().map_err(io::Error::other)?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let mut client = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
        while client.is_handshaking() {
            client.complete_io(&mut stream)?;
        }
        Ok(Self::Encrypted(Box::new(StreamOwned::new(client, stream))))
    }

    /// How long to wait for what it says next.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub(super) fn wait_for(&self, patience: Duration) -> io::Result<()> {
        self.stream().set_read_timeout(Some(patience))
    }

    fn stream(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Encrypted(stream) => &stream.sock,
        }
    }

    /// Whether it is encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        matches!(self, Self::Encrypted(_))
    }

    /// Whether it does not leave this machine.
    pub(super) fn is_local(&self) -> bool {
        self.stream().peer_addr().is_ok_and(|peer| peer.ip().is_loopback())
    }
}

impl Read for ReceiverConnection {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(room),
            Self::Encrypted(stream) => stream.read(room),
        }
    }
}

impl Write for ReceiverConnection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Encrypted(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Encrypted(stream) => stream.flush(),
        }
    }
}
