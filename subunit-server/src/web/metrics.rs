//! `/metrics`: what a server counts, for Prometheus.

use axum::{extract::State, http::header::CONTENT_TYPE, response::IntoResponse};
use tokio::task;

use super::app::WebApp;
use crate::{
    operation::{metrics::ServerGauges, store_size},
    server::CONNECTIONS,
};

pub(super) async fn answer(State(app): State<WebApp>) -> impl IntoResponse {
    let folder = app.pool.place().files().map(ToOwned::to_owned);
    let counted = task::spawn_blocking(move || store_size::bytes(&folder?).ok());
    let gauges = ServerGauges {
        connections: CONNECTIONS as usize - app.turns.available_permits(),
        event_streams: app.live.followers(),
        store_bytes: counted.await.unwrap_or_default(),
        received: app.inbox.received(),
    };
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, kind)], app.observer.metrics.text(gauges))
}
