//! When is the server asked to end?

use tokio::sync::watch;

/// Waits until the server was asked to end.
pub(crate) async fn ended(mut stop: watch::Receiver<bool>) {
    // An error means that nobody can ask any more.
    let _ = stop.wait_for(|is_stopped| *is_stopped).await;
}
