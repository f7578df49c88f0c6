//! `HEAD /api/v1/runs/UUID/stream`: how much of a run that is being received does the disk have?
//!
//! Who asks is there: a run whose client asks now and then is awaited, however long nothing comes.

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use subunit_history::receive::RunReceiver;

use super::{inbox::blocking, receipt::Refusal};
use crate::{
    api::{self, ApiRequest, upload_state::put_state},
    web::app::WebApp,
};

/// The answer about a run that is being received, or that is kept.
pub(super) async fn head(request: ApiRequest) -> Response {
    let received = state(&request.app, request.named("run")).await;
    match received {
        Ok(Some(response)) => response,
        Ok(None) => api::stream(request).await.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn state(app: &WebApp, run: &str) -> Result<Option<Response>, Refusal> {
    // Where no run is received, none is awaited.
    if !RunReceiver::is_name(run) || app.inbox.files().is_err() {
        return Ok(None);
    }
    let mut claimed = app.inbox.claim(run)?;
    let claimed = blocking(move || {
        claimed.resume()?;
        if let Some(receiver) = &mut claimed.receiver {
            receiver.sync()?;
            receiver.touch();
        }
        Ok(claimed)
    });
    let claimed = claimed.await?;
    if claimed.receiver.is_none() {
        return Ok(None);
    }
    let mut response = StatusCode::OK.into_response();
    put_state(&mut response, claimed.length(), false);
    Ok(Some(response))
}
