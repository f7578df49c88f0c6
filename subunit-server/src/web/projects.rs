//! Several histories on one server: each is a project below an address of its own, and the first page lists them.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header::LOCATION},
    middleware::{self, Next},
    response::{Html, IntoResponse as _, Response},
    routing::get,
};
use futures_util::future::join_all;
use subunit_core::run::counted;
use subunit_history::{
    query::RunRow,
    site::{Page, SiteFrame, Text, table, time, verdict},
};

use super::{app::WebApp, assets, guard, page_error::PageError};
use crate::{
    access::{peer::Peer, refusal, scope::AccessScope},
    api::api_error::{ApiError, is_for_programs},
    project::PROJECTS,
};

type Projects = Arc<[WebApp]>;

/// All routes of all projects; `of_one` makes those of one. The access rules of the first one say for whom the server answers.
pub(super) fn router(projects: Vec<WebApp>, of_one: fn(WebApp) -> Router) -> Router {
    let rules = projects.first().map(|first| Arc::clone(&first.rules));
    let mut router = Router::new()
        .route("/", get(index))
        .route("/health", get(|| async { "ok\n" }))
        .fallback(missing);
    for (path, asset) in assets::ALL {
        router = router.route(path, get(async move |headers: HeaderMap| asset.answer(&headers)));
    }
    let mut router = router.with_state(Projects::from(&*projects));
    for project in projects {
        router = router.nest_service(&project.base.clone(), of_one(project));
    }
    router = router.layer(middleware::from_fn(lead_into));
    match rules {
        Some(rules) => router.layer(middleware::from_fn_with_state(rules, guard::guard)),
        None => router,
    }
}

/// Leads from `/p/NAME` to `/p/NAME/`: links on pages follow from there.
async fn lead_into(request: Request, next: Next) -> Response {
    let name = request.uri().path().strip_prefix(PROJECTS).unwrap_or_default();
    if name.is_empty() || name.contains('/') {
        return next.run(request).await;
    }
    let place = format!("{PROJECTS}{name}/");
    (StatusCode::PERMANENT_REDIRECT, [(LOCATION, place)]).into_response()
}

async fn missing(request: Request) -> Response {
    let hint = "the first page lists the projects";
    if is_for_programs(request.uri().path()) {
        let error = ApiError::missing("no_route", "no project has this address");
        return error.with_hint(hint).into_response();
    }
    PageError::missing(format!("no page has this address: {hint}")).before().into_response()
}

/// `/`: the projects that somebody may read, and how their last runs came out.
async fn index(State(projects): State<Projects>, Peer(peer): Peer, headers: HeaderMap) -> Response {
    let (mut readable, mut refused) = (Vec::new(), None);
    for project in &*projects {
        let caller = project.rules.caller(peer, &headers);
        if let Some(seconds) = project.rules.wait(&caller) {
            return refusal::too_many("/", seconds);
        }
        match caller.granted {
            Ok(granted) if granted >= AccessScope::Read => readable.push(project),
            Ok(_) => {}
            Err(why) => refused = Some(why),
        }
    }
    match refused {
        Some(why) if readable.is_empty() => refusal::ungranted("/", why),
        _ => {
            let rows = join_all(readable.into_iter().map(row)).await;
            let body = table("All projects", &["Project", "Last run", "Tests"], &rows, rows.len());
            let page = Page { title: "Projects", above: &[], depth: 0 };
            Html(SiteFrame::before().page(&page, &body)).into_response()
        }
    }
}

/// A project, as a row of the page.
async fn row(project: &WebApp) -> String {
    let name = project.project().unwrap_or_default();
    let asked = project.pool.ask(|history| Ok(history.last(None)?)).await;
    let said = match &asked {
        Ok(Some(run)) => of_run(name, run),
        Ok(None) => "<td>There is no run.</td><td></td>".to_owned(),
        Err(_) => "<td class=\"bad\">The history cannot be read now.</td><td></td>".to_owned(),
    };
    format!("<td><a href=\"p/{name}/\">{name}</a></td>{said}", name = Text(name))
}

fn of_run(name: &str, run: &RunRow) -> String {
    let ((class, word), links) = (verdict(run), SiteFrame::served().links());
    format!(
        "<td><b class=\"{class}\">{word}</b> <a href=\"p/{}/{}\">@{}</a> of {}, {}</td><td>{}, {} bad</td>",
        Text(name),
        links.run(run),
        run.id,
        Text(&run.series),
        time(run.started),
        counted(run.counts.tests(), "test"),
        run.bad()
    )
}
