//! Is the server well, and which history does it show?

use axum::{Json, extract::State};
use serde::Serialize;

use super::app::WebApp;

/// What the server says of itself.
#[derive(Serialize)]
pub(super) struct Health {
    program: &'static str,
    version: &'static str,
    store: String,
}

pub(super) async fn answer(State(app): State<WebApp>) -> Json<Health> {
    let (program, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    Json(Health { program, version, store: app.store })
}
