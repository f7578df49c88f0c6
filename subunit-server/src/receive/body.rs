//! How is a body taken, of which only a piece is in memory?

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt as _;
use tokio::time;

/// How much is gathered before it is written.
const BLOCK: usize = 256 << 10;
/// How long nothing may come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A body that is read block by block.
pub(super) struct BodyBlocks {
    stream: BodyDataStream,
    state: BodyState,
}

/// How a body goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum BodyState {
    /// More may come.
    Open,
    /// It has ended as it should.
    Ended,
    /// It was cut: the client is gone, says nothing any more, or has lied about the length.
    Cut,
}

impl BodyBlocks {
    pub(super) fn new(body: Body) -> Self {
        Self { stream: body.into_data_stream(), state: BodyState::Open }
    }

    /// The next block, and how the body goes on. The last one may be empty.
    pub(super) async fn next(&mut self) -> (Vec<u8>, BodyState) {
        let mut block = Vec::new();
        while self.state == BodyState::Open && block.len() < BLOCK {
            match time::timeout(PATIENCE, self.stream.next()).await {
                Ok(Some(Ok(bytes))) => block.extend_from_slice(&bytes),
                Ok(None) => self.state = BodyState::Ended,
                Ok(Some(Err(_))) | Err(_) => self.state = BodyState::Cut,
            }
        }
        (block, self.state)
    }
}
