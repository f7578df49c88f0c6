//! Connections to receivers, encrypted or not. They block: a thread of its own sends.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::outgoing::{self, OutgoingTlsStream};

/// How long a receiver has for each step.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a receiver.
pub(super) enum ReceiverConnection {
    Plain(TcpStream),
    Encrypted(Box<OutgoingTlsStream>),
}

impl ReceiverConnection {
    /// Connects, without encryption.
    ///
    /// # Errors
    ///
    /// If nobody answers there.
    pub(super) fn open(host: &str, port: u16) -> io::Result<Self> {
        outgoing::connect(host, port, PATIENCE, PATIENCE).map(Self::Plain)
    }

    /// From now on it is encrypted, if the receiver shows that it is this host.
    ///
    /// # Errors
    ///
    /// If it does not.
    pub(super) fn encrypt(self, host: &str) -> io::Result<Self> {
        let Self::Plain(stream) = self else { return Ok(self) };
        let stream = outgoing::encrypt(outgoing::tls()?, host, stream)?;
        Ok(Self::Encrypted(Box::new(stream)))
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
