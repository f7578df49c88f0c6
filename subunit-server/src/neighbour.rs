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
    said: String,
}

/// What a server answers about itself. It says more.
#[derive(Deserialize)]
struct Health {
    store: String,
}

impl Neighbour {
    /// Where a server of this store answers.
    pub(crate) fn answering(folder: &Path, store: &str) -> Option<String> {
        let said = fs::read_to_string(path(folder)).ok()?;
        let said = said.trim();
        let (address, base) = said.split_once('/').unwrap_or((said, ""));
        let address: SocketAddr = address.parse().ok()?;
        if base.contains(|c: char| !c.is_ascii_graphic()) {
            return None;
        }
        let base = if base.is_empty() { String::new() } else { format!("/{base}") };
        // The file may be anybody's. Only this machine is asked.
        if !address.ip().is_loopback() {
            return None;
        }
        let answer = asked(address, &base).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let health: Health = serde_json::from_str(body).ok()?;
        let is_ours = head.starts_with("HTTP/1.1 200") && health.store == store;
        is_ours.then(|| format!("http://{address}{base}/"))
    }

    /// Says where the server of this history is, and what stands there before all addresses of the history.
    pub(crate) fn announce(folder: &Path, address: SocketAddr, base: &str) -> io::Result<Self> {
        let (path, said) = (path(folder), format!("{address}{base}"));
        fs::write(&path, format!("{said}\n"))?;
        Ok(Self { path, said })
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        // Another server may have taken the place since.
        if fs::read_to_string(&self.path).is_ok_and(|said| said.trim() == self.said) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("server.address")
}

fn asked(address: SocketAddr, base: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET {base}/health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(MOST).read_to_string(&mut answer)?;
    Ok(answer)
}
