//! `subunit serve`: the history in a browser.

use std::{
    io::Write as _,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
};

use subunit_filters::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
};
use subunit_history::History;
use tempfile::TempDir;

use crate::{
    demo,
    history_pool::HistoryPool,
    neighbour::Neighbour,
    server,
    web::{self, app::WebApp},
};

/// The port unless another one is named: it looks like TEST. The ports of web frameworks, such as 8000 and 8080, are
/// often taken on the machine of somebody who runs tests.
const PORT: u16 = 7357;

/// Show the history of test runs in a browser
///
/// Prints the address and serves until ^C or SIGTERM. Only this machine can open the pages. If the port is taken and
/// --listen is not given, any free port is used.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Serve {
    /// Use the history in this folder [default: $SUBUNIT_HISTORY, or .subunit]
    #[arg(long, value_name = "DIR")]
    history: Option<PathBuf>,
    /// Listen on this address and port; port 0 is any free one [default: 127.0.0.1:7357]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Show a made-up history of 1000 runs, which goes away at the end
    #[arg(long, conflicts_with = "history")]
    demo: bool,
}

impl Command for Serve {
    const NAME: &'static str = "serve";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit serve
  $ subunit serve --history ci/.subunit --listen 127.0.0.1:0
  $ subunit serve --demo

Exit status: 0 it was asked to end; 2 there is no history, a server of this history already answers, or the address cannot be used.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        if let Some(address) = self.listen.filter(|address| !address.ip().is_loopback()) {
            return Err(Error::Usage(format!(
                "--listen {address}: other machines could read the history without a password: use a loopback address, such as 127.0.0.1:{PORT}"
            )));
        }
        let demo = self.demo.then(|| made_up(console)).transpose()?;
        let folder = demo.as_ref().map_or_else(|| self.folder(), |demo| demo.path().to_owned());
        let store = opened(&folder)?.uuid().map_err(of_history)?;
        if let Some(address) = Neighbour::answering(&folder, &store) {
            return Err(Error::Usage(format!(
                "{}: a server of this history answers at http://{address}/: open that, or end it first",
                folder.display()
            )));
        }
        let (listener, address) = self.bind()?;
        // Best effort: without the file, the next server does not find this one.
        let _neighbour = Neighbour::announce(&folder, address);
        writeln!(console.stdout, "http://{address}/")?;
        console.flush()?;
        let (app, stop) = WebApp::new(HistoryPool::new(folder), store);
        server::run(listener, web::router(app), stop)
            .map_err(|source| Error::System { name: format!("http://{address}/"), source })?;
        Ok(Exit::Passed)
    }
}

impl Serve {
    fn folder(&self) -> PathBuf {
        let of_variable = || {
            std::env::var_os("SUBUNIT_HISTORY").filter(|name| !name.is_empty()).map(PathBuf::from)
        };
        self.history.clone().or_else(of_variable).unwrap_or_else(|| PathBuf::from(".subunit"))
    }

    fn bind(&self) -> Result<(TcpListener, SocketAddr), Error> {
        let usual = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), PORT);
        let wanted = self.listen.unwrap_or(usual);
        let any = SocketAddr::new(wanted.ip(), 0);
        let bound = TcpListener::bind(wanted);
        let bound =
            if self.listen.is_some() { bound } else { bound.or_else(|_| TcpListener::bind(any)) };
        let listened = bound.and_then(|listener| {
            let address = listener.local_addr()?;
            listener.set_nonblocking(true)?;
            Ok((listener, address))
        });
        listened.map_err(|source| Error::System { name: format!("--listen {wanted}"), source })
    }
}

/// A folder with a made-up history. It is removed when this is dropped.
fn made_up(console: &mut Console<'_>) -> Result<TempDir, Error> {
    let failed = |source| Error::System { name: "a folder for the made-up history".into(), source };
    let folder = tempfile::tempdir().map_err(failed)?;
    console.say("a history of 1000 runs is made up")?;
    console.flush()?;
    demo::fill(folder.path()).map_err(of_history)?;
    Ok(folder)
}

fn opened(folder: &Path) -> Result<History, Error> {
    History::open(folder).map_err(of_history)?.ok_or_else(|| {
        let folder = folder.display();
        Error::Usage(format!(
            "{folder}: there is no history: `subunit run` and `subunit load` make one"
        ))
    })
}

fn of_history(error: subunit_history::Error) -> Error {
    Error::Usage(error.to_string())
}
