//! How is a stream sent, of which only a piece is in memory, and which waits for no thread while a client is slow?

use std::io::{self, Read as _};

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use subunit_history::run_file::RunStream;
use tokio::task;

/// How long a piece is.
const PIECE: u64 = 256 << 10;

/// The pieces of a stream.
pub(super) fn pieces(stream: Box<RunStream>) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold(stream, |mut stream| async move {
        let read = task::spawn_blocking(move || {
            let mut piece = Vec::new();
            stream.by_ref().take(PIECE).read_to_end(&mut piece)?;
            Ok((!piece.is_empty()).then(|| (Bytes::from(piece), stream)))
        });
        read.await.map_err(io::Error::other)?
    })
}
