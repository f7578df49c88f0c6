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

use axum::routing::{MethodRouter, get};

use crate::{
    access::{routes::ScopedRoutes, scope::AccessScope},
    web::app::WebApp,
};

pub(super) fn routes() -> ScopedRoutes {
    let pages: [(&str, MethodRouter<WebApp>); 10] = [
        ("/", get(index::page)),
        ("/series/{slug}", get(series::page)),
        ("/grid/{slug}", get(grid::page)),
        ("/run/{uuid}", get(run::page)),
        ("/run/{uuid}/test", get(result::page)),
        ("/run/{uuid}/file", get(file::file)),
        ("/test/{slug}", get(test::page)),
        ("/diff", get(diff::page)),
        ("/search", get(search::page)),
        ("/help", get(help::page)),
    ];
    pages.into_iter().fold(ScopedRoutes::default(), |routes, (path, page)| {
        routes.needs(AccessScope::Read, path, page)
    })
}
