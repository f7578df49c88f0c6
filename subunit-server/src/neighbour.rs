//! Does another server show this history already? A file in the history's folder says where; that server is asked whether
//! it is so.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;

/// How long the other server has to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long its answer may be.
const MOST: u64 = 16 << 10;

/// The file that says where the server of a history is. It goes away with the server.
#[derive(Debug)]
pub(crate) struct Neighbour {
    path: PathBuf,
    address: SocketAddr,
}

/// What a server answers about itself. It says more.
#[derive(Deserialize)]
struct Health {
    store: String,
}

impl Neighbour {
    /// The address of a server of this store that answers.
    pub(crate) fn answering(folder: &Path, store: &str) -> Option<SocketAddr> {
        let address: SocketAddr = fs::read_to_string(path(folder)).ok()?.trim().parse().ok()?;
        // The file may be anybody's. Only this machine is asked.
        if !address.ip().is_loopback() {
            return None;
        }
        let answer = asked(address).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let health: Health = serde_json::from_str(body).ok()?;
        (head.starts_with("HTTP/1.1 200") && health.store == store).then_some(address)
    }

    /// Says where the server of this history is.
    pub(crate) fn announce(folder: &Path, address: SocketAddr) -> io::Result<Self> {
        let path = path(folder);
        fs::write(&path, format!("{address}\n"))?;
        Ok(Self { path, address })
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        // Another server may have taken the place since.
        let ours = self.address.to_string();
        if fs::read_to_string(&self.path).is_ok_and(|said| said.trim() == ours) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("server.address")
}

fn asked(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(MOST).read_to_string(&mut answer)?;
    Ok(answer)
}
