//! What is at which address? The table of routes.

pub(crate) mod app;
mod assets;
mod compressed;
mod guard;
mod health;
pub(crate) mod live;
mod metrics;
pub(crate) mod page_error;
mod pages;
mod projects;
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

/// All routes: of the only history, or of all projects.
pub(crate) fn routes(mut apps: Vec<WebApp>) -> Router {
    compressed::compressed(match apps.pop() {
        Some(only) if only.base.is_empty() => router(only),
        last => {
            apps.extend(last);
            projects::router(apps, router)
        }
    })
}

/// All routes of a history. To add a page, copy a file of `pages/` and add a line there.
fn router(app: WebApp) -> Router {
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
