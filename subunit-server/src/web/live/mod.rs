//! `/live/UUID`: a run that goes on, as far as it has come, and an event for all that comes.

pub(crate) mod hub;
mod progress;

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{
        Html, IntoResponse, Redirect, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::get,
};
use futures_util::stream::{self, Stream};
use subunit_history::site::{Page, SiteFrame, Text};
use tokio::{
    sync::{OwnedSemaphorePermit, watch},
    time,
};

use self::hub::LiveState;
use super::{app::WebApp, page_error::PageError};
use crate::{
    access::{routes::ScopedRoutes, scope::AccessScope},
    server::stop::ended,
};

/// At most one event in this time.
const PACE: Duration = Duration::from_millis(250);
/// How often something is sent while nothing comes, so that nobody takes the connection for a dead one.
const ALIVE: Duration = Duration::from_secs(15);

pub(super) fn routes() -> ScopedRoutes {
    ScopedRoutes::default().needs(AccessScope::Read, "/live/{uuid}", get(page)).needs(
        AccessScope::Read,
        "/live/{uuid}/events",
        get(events),
    )
}

async fn page(State(app): State<WebApp>, Path(uuid): Path<String>) -> Result<Response, PageError> {
    let Some(mut states) = app.live.watch(app.pool.place().files(), &uuid).await else {
        return run_page(&app, &uuid).await;
    };
    let state = latest(&mut states, false).await.ok_or_else(gone)?;
    if let Some(run) = &state.run {
        return Ok(Redirect::to(&format!("../run/{run}")).into_response());
    }
    let body = format!(
        "<div data-live=\"{}/events\">\n{}</div>\n<noscript><p>Reload the page to see more.</p></noscript>\n",
        Text(&uuid),
        state.html
    );
    let above = [("All series", "../".to_owned())];
    let page = Page { title: "A run that goes on", above: &above, depth: 1 };
    Ok(Html(SiteFrame::served().page(&page, &body)).into_response())
}

/// Where a run is that has ended.
async fn run_page(app: &WebApp, uuid: &str) -> Result<Response, PageError> {
    let wanted = uuid.to_owned();
    let known = app.pool.ask(move |history| Ok(history.run_named(&wanted)?)).await?;
    known.map(|run| Redirect::to(&format!("../run/{}", run.uuid)).into_response()).ok_or_else(gone)
}

fn gone() -> PageError {
    PageError::missing("no run of this name goes on: the first page shows those that do")
}

async fn events(
    State(app): State<WebApp>,
    Path(uuid): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, PageError> {
    let full = || {
        let message = "too many pages of runs that go on are open: close some of them";
        PageError::new(StatusCode::SERVICE_UNAVAILABLE, message)
    };
    let turn = app.live.turn().ok_or_else(full)?;
    let states = app.live.watch(app.pool.place().files(), &uuid).await.ok_or_else(gone)?;
    let stop = app.stop.clone();
    let following = Following { states, stop, is_seen: false, is_over: false, _turn: turn };
    let sent = stream::unfold(following, Following::next);
    Ok(Sse::new(sent).keep_alive(KeepAlive::new().interval(ALIVE)))
}

/// Somebody who watches a run.
struct Following {
    states: watch::Receiver<Option<Arc<LiveState>>>,
    stop: watch::Receiver<bool>,
    is_seen: bool,
    is_over: bool,
    /// Given back when the connection ends.
    _turn: OwnedSemaphorePermit,
}

impl Following {
    /// The next event. Each one says all that is known, so that whoever missed some, or comes back, misses nothing.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.is_over {
            return None;
        }
        let state = tokio::select! {
            state = latest(&mut self.states, self.is_seen) => state?,
            () = ended(self.stop.clone()) => return None,
        };
        (self.is_seen, self.is_over) = (true, state.is_over);
        if !state.is_over {
            time::sleep(PACE).await;
        }
        let name = if state.is_over { "ended" } else { "state" };
        let said = serde_json::json!({ "html": state.html, "run": state.run });
        let event =
            Event::default().event(name).id(state.offset.to_string()).data(said.to_string());
        Some((Ok(event), self))
    }
}

/// The state of now, or the next one if this was seen. `None` if there will be none.
async fn latest(
    states: &mut watch::Receiver<Option<Arc<LiveState>>>,
    is_seen: bool,
) -> Option<Arc<LiveState>> {
    if is_seen {
        states.changed().await.ok()?;
    }
    loop {
        if let Some(state) = states.borrow_and_update().clone() {
            return Some(state);
        }
        states.changed().await.ok()?;
    }
}
