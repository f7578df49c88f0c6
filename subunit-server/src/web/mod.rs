//! What is at which address? The table of routes.

pub(crate) mod app;
mod assets;
mod guard;
mod health;
mod live;
mod metrics;
pub(crate) mod page_error;
mod pages;
mod stamped;

use std::sync::Arc;

use axum::{Router, middleware, routing::get};

use self::app::WebApp;
use crate::{
    access::{gate, routes::ScopedRoutes, scope::AccessScope},
    api,
    operation::observe,
    receive,
};

/// All routes. To add a page, copy a file of `pages/` and add a line there.
pub(crate) fn router(app: WebApp) -> Router {
    let (rules, observer) = (Arc::clone(&app.rules), Arc::clone(&app.observer));
    ScopedRoutes::default()
        .open("/health", get(health::answer))
        .needs(AccessScope::Read, "/metrics", get(metrics::answer))
        .merge(assets::routes())
        .merge(pages::routes())
        .merge(live::routes())
        .merge(api::routes())
        .merge(receive::routes())
        .into_router(page_error::not_found)
        .layer(middleware::from_fn_with_state(Arc::clone(&rules), gate::identify))
        .layer(middleware::from_fn_with_state(rules, guard::guard))
        .layer(middleware::from_fn_with_state(observer, observe::observe))
        .with_state(app)
}
