//! What is at which address? The table of routes.

pub(crate) mod app;
mod assets;
mod guard;
mod health;
mod live;
mod page_error;
mod pages;
mod stamped;

use axum::{Router, middleware, routing::get};

use self::app::WebApp;
use crate::api;

/// All routes. To add a page, copy a file of `pages/` and add a line there.
pub(crate) fn router(app: WebApp) -> Router {
    Router::new()
        .route("/health", get(health::answer))
        .merge(assets::routes())
        .merge(pages::routes())
        .merge(live::routes())
        .merge(api::routes())
        .fallback(page_error::not_found)
        .layer(middleware::from_fn(guard::guard))
        .with_state(app)
}
