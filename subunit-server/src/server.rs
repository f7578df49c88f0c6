//! How are connections taken, at most a number of them, and how does the server end?

use std::{
    io,
    net::{SocketAddr, TcpListener},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    runtime,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time,
};

/// How many connections are open at the same time. Others wait in the queue of the system.
const CONNECTIONS: usize = 512;
/// How long answers may take after the server was asked to end.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// How long to wait if no connection can be taken: there are too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until a signal asks to end, and finishes the answers that were begun. `stop` then becomes true.
pub(crate) fn run(
    listener: TcpListener,
    router: Router,
    stop: watch::Sender<bool>,
) -> io::Result<()> {
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(serve(listener, router, stop));
    // A question that still runs is not waited for.
    runtime.shutdown_background();
    served
}

async fn serve(listener: TcpListener, router: Router, stop: watch::Sender<bool>) -> io::Result<()> {
    let listener = BoundedListener {
        listener: tokio::net::TcpListener::from_std(listener)?,
        turns: Arc::new(Semaphore::new(CONNECTIONS)),
    };
    let stopped = stop.subscribe();
    let signals = signals()?;
    tokio::spawn(async move {
        signals.await;
        let _ = stop.send(true);
    });
    let service = router.into_make_service_with_connect_info::<Peer>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(ended(stopped.clone()));
    tokio::select! {
        served = async { serving.await } => served,
        () = async { ended(stopped).await; time::sleep(LAST_WORDS).await } => Ok(()),
    }
}

/// Waits until the server was asked to end.
pub(crate) async fn ended(mut stop: watch::Receiver<bool>) {
    // An error means that nobody can ask any more.
    let _ = stop.wait_for(|is_stopped| *is_stopped).await;
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

/// Who sent a request.
#[derive(Clone, Copy, Debug)]
#[expect(dead_code, reason = "limits by address come with access from other machines")]
pub(crate) struct Peer(pub(crate) SocketAddr);

impl Connected<IncomingStream<'_, BoundedListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, BoundedListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Takes a connection only if fewer than [`CONNECTIONS`] are open.
struct BoundedListener {
    listener: tokio::net::TcpListener,
    turns: Arc<Semaphore>,
}

impl Listener for BoundedListener {
    type Io = BoundedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (BoundedStream, SocketAddr) {
        // It is never closed, so there is always a turn.
        let turn = Arc::clone(&self.turns).acquire_owned().await.ok();
        loop {
            if let Ok((stream, address)) = self.listener.accept().await {
                return (BoundedStream { stream, _turn: turn }, address);
            }
            time::sleep(PAUSE).await;
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection; the next one may be taken when it is dropped.
struct BoundedStream {
    stream: TcpStream,
    _turn: Option<OwnedSemaphorePermit>,
}

impl AsyncRead for BoundedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for BoundedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
