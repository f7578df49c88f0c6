//! Which certificate does the server show? Files say it, which are read again when they have changed.

use std::{
    fmt, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio_rustls::TlsAcceptor;

/// The files of a certificate and its key.
#[derive(Debug)]
pub(crate) struct TlsFiles {
    certificate: PathBuf,
    key: PathBuf,
    known: Mutex<Known>,
}

/// What was read, and of which files.
#[derive(Debug)]
struct Known {
    stamp: Stamp,
    config: Arc<ServerConfig>,
}

/// When the files were written.
type Stamp = [Option<SystemTime>; 2];

/// Why files cannot be used: which one, and what is wrong.
#[derive(Debug)]
pub(crate) struct TlsError {
    path: PathBuf,
    what: String,
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.what)
    }
}

impl TlsFiles {
    pub(crate) fn open(certificate: PathBuf, key: PathBuf) -> Result<Self, TlsError> {
        let stamp = stamp(&certificate, &key);
        let known = Known { stamp, config: read(&certificate, &key)? };
        Ok(Self { certificate, key, known: Mutex::new(known) })
    }

    /// What greets the next connection.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let is_old = self.known().stamp != stamp(&self.certificate, &self.key);
        if is_old {
            self.reload();
        }
        Arc::clone(&self.known().config).into()
    }

    /// Reads the files again. If that fails, says so, and the certificate stays that was read before.
    pub(super) fn reload(&self) {
        let stamp = stamp(&self.certificate, &self.key);
        let read = read(&self.certificate, &self.key);
        let mut known = self.known();
        known.stamp = stamp;
        match read {
            Ok(config) => known.config = config,
            Err(error) => {
                // There is nobody else to tell.
                let _ = writeln!(io::stderr(), "subunit serve: {error}: the old certificate stays");
            }
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stamp(certificate: &Path, key: &Path) -> Stamp {
    [certificate, key].map(|path| fs::metadata(path).and_then(|found| found.modified()).ok())
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let wrong = |path: &Path, what: &dyn fmt::Display| TlsError {
        path: path.to_owned(),
        what: what.to_string(),
    };
    let chain: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
    let chain = chain.map_err(|error| wrong(certificate, &error))?;
    if chain.is_empty() {
        return Err(wrong(certificate, &"there is no certificate in it: it takes PEM"));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret))
        .map_err(|error| wrong(key, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
