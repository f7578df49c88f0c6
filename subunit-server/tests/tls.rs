//! Encrypted connections, with a certificate that is made here.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{
    fs,
    io::{self, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    sync::Arc,
    time::Duration,
};

use rustix::process::Signal;
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, ServerName},
};
use subunit_core::Status::Success;
use support::{Answer, Served, add_run, serve};
use tempfile::{TempDir, tempdir};

struct Place {
    folder: TempDir,
    certificate: String,
    key: String,
}

impl Place {
    fn new() -> Self {
        let folder = tempdir().unwrap();
        add_run(folder.path(), "main", 0, &[("a", Success, "")]);
        let name = |file: &str| folder.path().join(file).to_str().unwrap().to_owned();
        let (certificate, key) = (name("cert.pem"), name("key.pem"));
        Self { folder, certificate, key }
    }

    /// Writes a new certificate, each file at once, and returns it.
    fn renew(&self) -> CertificateDer<'static> {
        let made = rcgen::generate_simple_self_signed(["tests.example".to_owned()]).unwrap();
        for (path, content) in
            [(&self.certificate, made.cert.pem()), (&self.key, made.signing_key.serialize_pem())]
        {
            let new = format!("{path}.new");
            fs::write(&new, content).unwrap();
            fs::rename(new, path).unwrap();
        }
        made.cert.der().clone()
    }

    fn serve(&self) -> Served {
        let options =
            ["--tls-certificate", &self.certificate, "--tls-key", &self.key, "--anonymous-read"];
        Served::start_with(self.folder.path(), &options)
    }
}

/// What a server answers to somebody who trusts one certificate.
fn get(served: &Served, trusted: &CertificateDer<'static>, path: &str) -> io::Result<Answer> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("tests.example").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let stream = TcpStream::connect(&served.address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut stream = StreamOwned::new(connection, stream);
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(Answer::of(&answer))
}

#[test]
fn pages_are_served_encrypted_and_not_otherwise() {
    let place = Place::new();
    let certificate = place.renew();
    let served = place.serve();
    assert_eq!(get(&served, &certificate, "/").unwrap().status, 200);
    let other = Place::new().renew();
    assert!(get(&served, &other, "/").is_err());
    let mut plain = TcpStream::connect(&served.address).unwrap();
    write!(plain, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    // The connection may be reset.
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

#[test]
fn a_new_certificate_is_shown_without_a_restart() {
    let place = Place::new();
    let old = place.renew();
    let served = place.serve();
    assert_eq!(get(&served, &old, "/").unwrap().status, 200);
    let new = place.renew();
    assert_eq!(get(&served, &new, "/").unwrap().status, 200);
    assert!(get(&served, &old, "/").is_err());
    // SIGHUP ends nothing.
    served.signal(Signal::HUP);
    assert_eq!(get(&served, &new, "/").unwrap().status, 200);
    // What cannot be read changes nothing.
    fs::write(&place.certificate, "none").unwrap();
    served.signal(Signal::HUP);
    assert_eq!(get(&served, &new, "/").unwrap().status, 200);
    assert_eq!(served.end_by(Signal::TERM).code(), Some(0));
}

#[test]
fn what_is_no_certificate_is_told_in_one_line() {
    let place = Place::new();
    place.renew();
    let other = Place::new();
    other.renew();
    let here = place.folder.path().to_str().unwrap();
    let empty = place.folder.path().join("empty.pem");
    fs::write(&empty, "").unwrap();
    for (certificate, key) in [
        (Path::new("missing.pem"), Path::new(&place.key)),
        (&empty, Path::new(&place.key)),
        (Path::new(&place.certificate), &empty),
        (Path::new(&place.certificate), Path::new(&other.key)),
    ] {
        let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
        let options = [
            "--history",
            here,
            "--listen",
            "127.0.0.1:0",
            "--tls-certificate",
            certificate,
            "--tls-key",
            key,
        ];
        let output = serve(&options).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(".pem: ") && stderr.matches('\n').count() == 1, "{stderr}");
    }
}
