//! What does a request bring, before anybody knows what its address wants?

use axum::{
    extract::{FromRequestParts, Query, RawPathParams},
    http::{
        StatusCode,
        header::{HOST, IF_NONE_MATCH},
        request::Parts,
    },
};

use super::api_error::ApiError;
use crate::web::app::WebApp;

/// A request.
pub(crate) struct ApiRequest {
    pub(crate) app: WebApp,
    /// The names in the path, and what stands there.
    pub(super) path: Vec<(String, String)>,
    /// What stands after the `?`.
    pub(crate) query: Vec<(String, String)>,
    /// The address without its host.
    pub(super) address: String,
    /// Under which name and port the server was reached.
    pub(super) host: String,
    /// The tags of the answers that the client has.
    pub(super) known_tags: String,
}

impl ApiRequest {
    /// What stands in the path under this name.
    pub(crate) fn named(&self, name: &str) -> &str {
        let mut named = self.path.iter().filter(|(known, _)| known == name);
        named.next().map_or("", |(_, value)| value)
    }
}

impl FromRequestParts<WebApp> for ApiRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &WebApp) -> Result<Self, ApiError> {
        let bad = |what: String| ApiError::new(StatusCode::BAD_REQUEST, "bad_address", what);
        let path = RawPathParams::from_request_parts(parts, app).await;
        let path = path.map_err(|error| bad(error.body_text()))?;
        let path = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let query: Result<Query<Vec<(String, String)>>, _> = Query::try_from_uri(&parts.uri);
        let Query(query) = query.map_err(|error| bad(error.body_text()))?;
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let text = |name| header(name).unwrap_or_default().to_owned();
        Ok(Self {
            app: app.clone(),
            path,
            query,
            address: format!(
                "{}{}",
                app.base,
                parts.uri.path_and_query().map_or("", |at| at.as_str())
            ),
            host: text(HOST),
            known_tags: text(IF_NONE_MATCH),
        })
    }
}
