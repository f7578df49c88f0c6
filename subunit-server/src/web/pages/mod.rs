//! The pages. One file each; to add one, copy one and add a line here.

mod grid;
mod index;
mod run;
mod series;
mod test;

use axum::{Router, routing::get};

use crate::web::app::WebApp;

pub(super) fn routes() -> Router<WebApp> {
    Router::new()
        .route("/", get(index::page))
        .route("/series/{slug}", get(series::page))
        .route("/grid/{slug}", get(grid::page))
        .route("/run/{uuid}", get(run::page))
        .route("/test/{slug}", get(test::page))
}
