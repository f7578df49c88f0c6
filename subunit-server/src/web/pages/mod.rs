//! The pages. One file each; to add one, copy one and add a line here.

mod diff;
mod file;
mod grid;
mod help;
mod index;
mod result;
mod run;
mod search;
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
        .route("/run/{uuid}/test", get(result::page))
        .route("/run/{uuid}/file", get(file::file))
        .route("/test/{slug}", get(test::page))
        .route("/diff", get(diff::page))
        .route("/search", get(search::page))
        .route("/help", get(help::page))
}
