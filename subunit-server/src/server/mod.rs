//! How are connections taken, at most a number of them, and how does the server end?

mod addresses;
mod connection;
mod patience;
pub(crate) mod stop;
pub(crate) mod tls;

use std::{io, net::TcpListener, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    runtime,
    sync::{Semaphore, watch},
    task, time,
};

use self::{addresses::PeerAddresses, connection::ConnectionSettings, stop::ended, tls::TlsFiles};
use crate::access::network::Network;

/// How many connections are open at the same time. Others wait in the queue of the system.
pub(crate) const CONNECTIONS: u32 = 512;
/// How long answers may take after the server was asked to end.
const LAST_WORDS: Duration = Duration::from_secs(5);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long to wait if no connection can be taken: there are too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// What is done at the start, and each day. It may wait.
pub(crate) type Daily = Box<dyn FnMut() + Send>;

/// How a server takes connections.
pub(crate) struct ServerSettings {
    pub(crate) tls: Option<Arc<TlsFiles>>,
    /// How long somebody may take to say what they want, stay silent, and take nothing of an answer.
    pub(crate) idle: Duration,
    /// Who asks for many others, and so may have as many connections as there are.
    pub(crate) proxies: Vec<Network>,
    /// Whether SIGHUP means to read files again, and not to end.
    pub(crate) is_reloading: bool,
    pub(crate) daily: Option<Daily>,
    /// A turn for each connection; who has them all is the last one.
    pub(crate) turns: Arc<Semaphore>,
}

/// Serves until a signal asks to end, and finishes the answers that were begun. `stop` then becomes true.
pub(crate) fn run(
    listener: TcpListener,
    router: Router,
    stop: watch::Sender<bool>,
    settings: ServerSettings,
) -> io::Result<()> {
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(serve(listener, router, stop, settings));
    // A question that still runs is not waited for.
    runtime.shutdown_background();
    served
}

async fn serve(
    listener: TcpListener,
    router: Router,
    stop: watch::Sender<bool>,
    settings: ServerSettings,
) -> io::Result<()> {
    let ServerSettings { tls, idle, proxies, is_reloading, daily, turns } = settings;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let stopped = stop.subscribe();
    let signals = signals()?;
    tokio::spawn(async move {
        signals.await;
        let _ = stop.send(true);
    });
    if let Some(daily) = daily {
        tokio::spawn(each_day(daily));
    }
    if is_reloading {
        reload_when_asked(tls.clone())?;
    }
    let connection = ConnectionSettings { router, tls, idle, stop: stopped.clone() };
    let addresses = PeerAddresses::new(proxies);
    tokio::select! {
        () = take(&listener, &connection, &addresses, &turns) => {}
        () = ended(stopped) => {}
    }
    drop(listener);
    // Who does not end in time is cut off.
    let _ = time::timeout(LAST_WORDS, turns.acquire_many(CONNECTIONS)).await;
    Ok(())
}

/// Does something now and each day, on a thread where it may wait.
async fn each_day(mut daily: Daily) {
    loop {
        let done = task::spawn_blocking(move || {
            daily();
            daily
        });
        // An error means that it has panicked, or that the server ends.
        let Ok(again) = done.await else { return };
        daily = again;
        time::sleep(DAY).await;
    }
}

/// Takes connections, for ever. While there is no turn, the next one is taken and waits, and the others are not taken.
async fn take(
    listener: &tokio::net::TcpListener,
    settings: &ConnectionSettings,
    addresses: &PeerAddresses,
    turns: &Arc<Semaphore>,
) {
    loop {
        let Ok((stream, address)) = listener.accept().await else {
            time::sleep(PAUSE).await;
            continue;
        };
        let Some(counted) = addresses.count(address.ip()) else { continue };
        // It is never closed, so there is always a turn.
        let Ok(turn) = Arc::clone(turns).acquire_owned().await else { return };
        let serving = settings.clone().serve(stream, address.ip());
        tokio::spawn(async move {
            serving.await;
            drop((counted, turn));
        });
    }
}

#[cfg(unix)]
fn signals() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signals() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Reads the certificate again with each SIGHUP. Tokens are read again when their file has changed.
#[cfg(unix)]
fn reload_when_asked(tls: Option<Arc<TlsFiles>>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut asked = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while asked.recv().await.is_some() {
            if let Some(tls) = &tls {
                tls.reload();
            }
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn reload_when_asked(_: Option<Arc<TlsFiles>>) -> io::Result<()> {
    Ok(())
}
