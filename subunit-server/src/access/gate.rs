//! What happens to each request before its address is looked at?

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use super::{peer::Peer, refusal, rules::AccessRules};

/// Says in the request who sends it, unless they send too many.
pub(crate) async fn identify(
    State(rules): State<Arc<AccessRules>>,
    Peer(peer): Peer,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = rules.caller(peer, request.headers());
    if let Some(seconds) = rules.wait(&caller) {
        return refusal::too_many(request.uri().path(), seconds);
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}
