//! Connections to PostgreSQL that are encrypted: which are, and who is believed to be the server.

use std::{
    future::Future,
    io,
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use postgres::{
    Socket,
    config::SslMode,
    tls::{ChannelBinding, MakeTlsConnect, TlsConnect},
};
use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::outgoing::authorities;

/// What `sslmode` says, with its `sslrootcert`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) enum TlsMode {
    /// Nothing is encrypted.
    Disable,
    /// Encrypted if the server can; whoever answers is believed.
    #[default]
    Prefer,
    /// Always encrypted; whoever answers is believed.
    Require,
    /// Always encrypted; the server shows a certificate of its name, which an authority of this file, or of the system, has signed.
    VerifyFull {
        /// A file of certificates in PEM.
        roots: Option<PathBuf>,
    },
}

impl TlsMode {
    /// Reads `sslmode` and `sslrootcert`. Returns what is wrong otherwise.
    pub(super) fn read(mode: Option<&str>, roots: Option<PathBuf>) -> Result<Self, String> {
        if roots.is_some() && !matches!(mode, Some("disable" | "verify-full")) {
            return Err("sslrootcert needs sslmode=verify-full".into());
        }
        Ok(match mode {
            Some("disable") => Self::Disable,
            None | Some("prefer" | "allow") => Self::Prefer,
            Some("require") => Self::Require,
            Some("verify-full") => Self::VerifyFull { roots },
            Some(other) => {
                return Err(format!(
                    "sslmode={}: say disable, prefer, require or verify-full",
                    other.escape_debug()
                ));
            }
        })
    }

    /// As the driver calls it.
    pub(super) fn of_driver(&self) -> SslMode {
        match self {
            Self::Disable => SslMode::Disable,
            Self::Prefer => SslMode::Prefer,
            Self::Require | Self::VerifyFull { .. } => SslMode::Require,
        }
    }

    /// What encrypts.
    ///
    /// # Errors
    ///
    /// If there are no certificates of authorities.
    pub(super) fn maker(&self) -> Result<TlsMaker, String> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider));
        let config = config.with_safe_default_protocol_versions().map_err(|e| e.to_string())?;
        let config = match self {
            Self::VerifyFull { roots } => config.with_root_certificates(trusted(roots.as_ref())?),
            _ => config.dangerous().with_custom_certificate_verifier(Arc::new(AnyServer(provider))),
        };
        Ok(TlsMaker(Arc::new(config.with_no_client_auth())))
    }
}

/// The certificates of authorities in a file, or of the system.
fn trusted(file: Option<&PathBuf>) -> Result<RootCertStore, String> {
    let Some(file) = file else {
        let store = authorities();
        return match store.is_empty() {
            false => Ok(store),
            true => Err("sslmode=verify-full: this system has no certificates of authorities: say `&sslrootcert=FILE`".into()),
        };
    };
    let mut store = RootCertStore::empty();
    let wrong = |what: String| format!("sslrootcert {}: {what}", file.display());
    let found = CertificateDer::pem_file_iter(file).map_err(|error| wrong(error.to_string()))?;
    for certificate in found {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        store.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if store.is_empty() { Err(wrong("there is no certificate in it".into())) } else { Ok(store) }
}

/// Makes connections that are encrypted.
#[derive(Clone)]
pub(super) struct TlsMaker(Arc<ClientConfig>);

/// One that is to a server of this name.
pub(super) struct NamedServer {
    config: Arc<ClientConfig>,
    name: String,
}

impl MakeTlsConnect<Socket> for TlsMaker {
    type Stream = EncryptedStream;
    type TlsConnect = NamedServer;
    type Error = io::Error;

    fn make_tls_connect(&mut self, name: &str) -> io::Result<NamedServer> {
        // A socket of this machine has no name, and is never encrypted.
        Ok(NamedServer { config: Arc::clone(&self.0), name: name.to_owned() })
    }
}

impl TlsConnect<Socket> for NamedServer {
    type Stream = EncryptedStream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<EncryptedStream>> + Send>>;

    fn connect(self, stream: Socket) -> Self::Future {
        Box::pin(async move {
            let name = ServerName::try_from(self.name).map_err(io::Error::other)?;
            let connector = TlsConnector::from(self.config);
            connector.connect(name, stream).await.map(EncryptedStream)
        })
    }
}

/// A connection that is encrypted.
pub(super) struct EncryptedStream(TlsStream<Socket>);

impl postgres::tls::TlsStream for EncryptedStream {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for EncryptedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for EncryptedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// Believes whoever answers: for `prefer` and `require`, which are against those who only listen.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
