//! A server of others whose connections are encrypted, and a certificate that clients believe.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring, pki_types::PrivateKeyDer};

/// A certificate of 127.0.0.1 in a folder: not every machine knows the name `localhost`.
pub(crate) struct Certificate {
    /// Who names it by `$SSL_CERT_FILE` believes who shows it.
    pub(crate) path: PathBuf,
    pub(crate) key: PathBuf,
    config: Arc<ServerConfig>,
}

impl Certificate {
    pub(crate) fn make(folder: &Path) -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let (path, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        fs::write(&path, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let secret = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], secret)
            .unwrap();
        Self { path, key, config: Arc::new(config) }
    }

    /// The other end of a connection that a client encrypts.
    pub(crate) fn accept(&self, stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
        StreamOwned::new(ServerConnection::new(Arc::clone(&self.config)).unwrap(), stream)
    }
}
