//! How is one connection served, to its end?

use std::{net::IpAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, extract::Request};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
    time,
};

use super::{patience::PatientStream, stop::ended, tls::TlsFiles};
use crate::access::peer::Peer;

/// How many bytes the headers of a request may have.
const HEADERS: usize = 32 << 10;
/// How many bytes of a connection wait in memory, each way.
const BUFFER: usize = 128 << 10;

/// What all connections share.
#[derive(Clone, Debug)]
pub(super) struct ConnectionSettings {
    pub(super) router: Router,
    pub(super) tls: Option<Arc<TlsFiles>>,
    pub(super) idle: Duration,
    pub(super) stop: watch::Receiver<bool>,
}

impl ConnectionSettings {
    /// Serves a connection until one side ends it, or the server was asked to end.
    pub(super) async fn serve(self, stream: TcpStream, peer: IpAddr) {
        let stream = PatientStream::new(stream, self.idle);
        let Some(tls) = self.tls.clone() else { return self.serve_plain(stream, peer).await };
        // Who does not greet in time, or not properly, is nobody to answer.
        let greeting = tls.acceptor().accept(stream);
        if let Ok(Ok(stream)) = time::timeout(self.idle, greeting).await {
            self.serve_plain(stream, peer).await;
        }
    }

    async fn serve_plain(self, stream: impl AsyncRead + AsyncWrite + Unpin, peer: IpAddr) {
        let answers = TowerToHyperService::new(self.router);
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            answers.call(request)
        });
        let mut http = http1::Builder::new();
        // The time for headers begins with the end of the answer before.
        http.timer(TokioTimer::new()).header_read_timeout(self.idle);
        http.max_header_size(HEADERS).max_buf_size(BUFFER);
        let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
        // An error is the client's, and there is nobody to tell.
        tokio::select! {
            _ = connection.as_mut() => {}
            () = ended(self.stop) => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }
}
