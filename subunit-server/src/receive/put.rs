//! `PUT /api/v1/runs/UUID/stream`: a piece of the stream of a run, or all of it.

use std::io::{self, Read as _};

use axum::{
    body::Body,
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_ENCODING, CONTENT_LENGTH},
    },
    response::{IntoResponse as _, Response},
};
use subunit_history::{
    History, NewRun,
    query::RunRow,
    receive::{Overlap, RunReceiver, compare},
    run_file::RunStream,
};

use tokio::task;

use super::{
    body::{BodyBlocks, BodyState},
    facts::RunFactsQuery,
    inbox::{ClaimedRun, blocking},
    piece::{StreamEnding, StreamPiece},
    receipt::{Receipt, ReceiptState, Refusal},
};
use crate::{api::ApiRequest, web::app::WebApp};

/// What may stand after the `?`.
const PARAMETERS: &[&str] = &["series", "partial", "live"];

/// Takes a piece.
pub(super) async fn put(request: ApiRequest, headers: HeaderMap, body: Body) -> Response {
    // A client that goes away ends the request, but what came of the body is taken.
    let base = request.app.base.clone();
    let received = task::spawn(async move { receive(request, &headers, body).await });
    match received.await {
        Ok(Ok(receipt)) => receipt.into_response(&base),
        Ok(Err(refusal)) => refusal.into_response(),
        Err(_) => Refusal::ended().into_response(),
    }
}

async fn receive(request: ApiRequest, headers: &HeaderMap, body: Body) -> Result<Receipt, Refusal> {
    let run = request.named("run");
    if !RunReceiver::is_name(run) {
        let message = "the name of a run that is sent is a UUID in small letters";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "bad_uuid", message));
    }
    let piece = checked(headers, request.app.inbox.longest())?;
    let claimed = request.app.inbox.claim(run)?;
    let ApiRequest { app, query, .. } = request;
    let new = RunFactsQuery::read(query, PARAMETERS)?.new;
    let sent = SentPiece { piece, at: piece.first, most: app.inbox.longest() };
    match opened(&app, claimed, sent, new).await? {
        Opened::Receiving(claimed) => sent.append(&app, claimed, BodyBlocks::new(body)).await,
        Opened::Kept(row, stream) => sent.compare(row, stream, BodyBlocks::new(body)).await,
        Opened::Thinned(row) => sent.pass_over(row, BodyBlocks::new(body)).await,
    }
}

/// The piece that the headers tell of. A stream may have `most` bytes.
fn checked(headers: &HeaderMap, most: u64) -> Result<StreamPiece, Refusal> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if header(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        let message = "a stream is sent as it is: without Content-Encoding";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "bad_encoding", message));
    }
    let piece = StreamPiece::of(headers)?;
    let said = header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    let length = said.or(piece.length).unwrap_or_default();
    if piece.first.saturating_add(length) > most {
        // Before any of the body is asked for.
        return Err(Refusal::too_large("a stream", most));
    }
    match (said, piece.length) {
        (Some(said), Some(length)) if said != length => {
            let message = format!("Content-Length: {said}, but Content-Range has {length} bytes");
            Err(Refusal::new(StatusCode::BAD_REQUEST, "bad_range", message))
        }
        _ => Ok(piece),
    }
}

/// Where the bytes of a run are.
enum Opened {
    /// In its file; more may come.
    Receiving(ClaimedRun),
    /// In the history. The stream is there unless it was pruned.
    Kept(Box<RunRow>, Option<Box<RunStream>>),
    /// In the history, and the stream is no more what was sent.
    Thinned(Box<RunRow>),
}

/// Finds the run, or begins it.
async fn opened(
    app: &WebApp,
    mut claimed: ClaimedRun,
    sent: SentPiece,
    new: NewRun,
) -> Result<Opened, Refusal> {
    if claimed.receiver.is_none() {
        claimed = blocking(move || {
            claimed.resume()?;
            Ok(claimed)
        })
        .await?;
    }
    if claimed.receiver.is_some() {
        return Ok(Opened::Receiving(claimed));
    }
    let uuid = claimed.uuid().to_owned();
    let find = move |history: &History| {
        let Some(row) = history.run_named(&uuid)? else { return Ok(None) };
        let stream = if row.is_kept { Some(Box::new(history.stream(&row)?)) } else { None };
        Ok(Some((Box::new(row), stream)))
    };
    match app.pool.ask(find).await? {
        Some((row, Some(stream))) if row.is_interrupted && !stream.header().thinned => {
            blocking(move || {
                claimed.go_on(*stream)?;
                Ok(Opened::Receiving(claimed))
            })
            .await
        }
        Some((row, _)) if row.is_interrupted => Err(beginning_removed(&row)),
        Some((row, Some(stream))) if stream.header().thinned => Ok(Opened::Thinned(row)),
        Some((row, stream)) => Ok(Opened::Kept(row, stream)),
        None if sent.at > 0 => Err(sent.gap(0)),
        None => {
            blocking(move || {
                claimed.begin(new)?;
                Ok(Opened::Receiving(claimed))
            })
            .await
        }
    }
}

/// A piece that is being sent.
#[derive(Clone, Copy)]
struct SentPiece {
    piece: StreamPiece,
    /// Where in the stream the next byte belongs.
    at: u64,
    /// How long a stream may be.
    most: u64,
}

/// Why no more of a body is taken.
enum BodyEnd {
    Ended,
    Cut,
    TooLong,
    TooLarge,
}

impl SentPiece {
    /// The next block of the body, without what does not belong there. None of it is left when there is an end.
    async fn next(&self, body: &mut BodyBlocks) -> (Vec<u8>, Option<BodyEnd>) {
        let (mut block, state) = body.next().await;
        let mut end = match state {
            BodyState::Open => None,
            BodyState::Ended => Some(BodyEnd::Ended),
            BodyState::Cut => Some(BodyEnd::Cut),
        };
        let last = self.piece.length.map_or(u64::MAX, |length| self.piece.first + length);
        for (most, kind) in [(last, BodyEnd::TooLong), (self.most, BodyEnd::TooLarge)] {
            let room = most.saturating_sub(self.at);
            if block.len() as u64 > room {
                block.truncate(usize::try_from(room).unwrap_or(usize::MAX));
                end = Some(kind);
            }
        }
        (block, end)
    }

    /// Adds it to what is there.
    async fn append(
        mut self,
        app: &WebApp,
        mut claimed: ClaimedRun,
        mut body: BodyBlocks,
    ) -> Result<Receipt, Refusal> {
        if self.at > claimed.length() {
            return Err(self.gap(claimed.length()));
        }
        let end = loop {
            let (block, end) = self.next(&mut body).await;
            let (at, is_last) = (self.at, end.is_some());
            app.inbox.counts().add_bytes(block.len());
            self.at += block.len() as u64;
            claimed = blocking(move || {
                let taken = take(&mut claimed, at, &block);
                // What came before may be there from an earlier request, and be acknowledged by this one.
                if let (Some(receiver), true) = (&mut claimed.receiver, is_last || taken.is_err()) {
                    receiver.sync()?;
                }
                taken.map(|()| claimed)
            })
            .await?;
            if let Some(end) = end {
                break end;
            }
        };
        let length = claimed.length();
        self.checked(&end).map_err(|refusal| refusal.at(length))?;
        match self.piece.end {
            StreamEnding::At(end) if end < length => Err(self.past_end(length)),
            StreamEnding::WithBody if self.at < length => Err(self.past_end(length)),
            StreamEnding::Unknown => Ok(open(&claimed)),
            StreamEnding::At(end) if end > length => Ok(open(&claimed)),
            _ => finish(app, claimed).await,
        }
    }

    /// Compares it with what was kept before.
    async fn compare(
        mut self,
        row: Box<RunRow>,
        stream: Option<Box<RunStream>>,
        mut body: BodyBlocks,
    ) -> Result<Receipt, Refusal> {
        let length = row.raw_bytes;
        if self.at > length {
            return Err(self.past_end(length));
        }
        let mut stream = match stream {
            Some(stream) => Some(skipped(stream, self.at).await?),
            None => None,
        };
        let end = loop {
            let (block, end) = self.next(&mut body).await;
            let at = self.at;
            self.at += block.len() as u64;
            if let Some(mut read) = stream {
                let compared = blocking(move || {
                    let compared = compare(&mut read, at, &block);
                    Ok((compared.map_err(subunit_history::Error::Stream)?, read))
                });
                let (overlap, read) = compared.await?;
                same(overlap, length)?;
                stream = Some(read);
            }
            if let Some(end) = end {
                break end;
            }
        };
        self.checked(&end).map_err(|refusal| refusal.at(length))?;
        match self.piece.end {
            StreamEnding::At(end) if end != length => Err(self.past_end(length)),
            StreamEnding::WithBody if self.at != length => Err(self.past_end(length)),
            _ => Ok(self.known(row)),
        }
    }

    /// Takes what was kept before, and cannot be compared any more.
    async fn pass_over(
        mut self,
        row: Box<RunRow>,
        mut body: BodyBlocks,
    ) -> Result<Receipt, Refusal> {
        let end = loop {
            let (block, end) = self.next(&mut body).await;
            self.at += block.len() as u64;
            if let Some(end) = end {
                break end;
            }
        };
        self.checked(&end)?;
        Ok(self.known(row))
    }

    /// It belongs to a run that was kept before.
    fn known(&self, row: Box<RunRow>) -> Receipt {
        let uuid = row.uuid.clone();
        match self.piece.end {
            // Its client has more, and is not told that all is there.
            StreamEnding::Unknown => Receipt { uuid, offset: self.at, state: ReceiptState::Open },
            _ => Receipt { uuid, offset: row.raw_bytes, state: ReceiptState::Known(row) },
        }
    }

    /// Whether the body was as it was said to be.
    fn checked(&self, end: &BodyEnd) -> Result<(), Refusal> {
        let bad = |status, code, message: String| Err(Refusal::new(status, code, message));
        let is_short = self.piece.length.is_some_and(|length| self.at < self.piece.first + length);
        match end {
            BodyEnd::TooLarge => Err(Refusal::too_large("a stream", self.most)),
            BodyEnd::TooLong => {
                let message = "the body is longer than Content-Range says";
                bad(StatusCode::BAD_REQUEST, "bad_range", message.to_owned())
            }
            BodyEnd::Cut => {
                let message = "the body was cut short: what came of it is kept";
                bad(StatusCode::BAD_REQUEST, "cut_short", message.to_owned())
            }
            BodyEnd::Ended if is_short => {
                let message =
                    "the body is shorter than Content-Range says: what came of it is kept";
                bad(StatusCode::BAD_REQUEST, "cut_short", message.to_owned())
            }
            BodyEnd::Ended => Ok(()),
        }
    }

    /// It comes too early.
    fn gap(&self, length: u64) -> Refusal {
        let message =
            format!("the piece begins at byte {}, and the next one is byte {length}", self.at);
        let refusal = Refusal::new(StatusCode::CONFLICT, "gap", message);
        refusal.with_hint("go on from the header Upload-Offset").at(length)
    }

    /// There is more than it says.
    fn past_end(&self, length: u64) -> Refusal {
        let message = format!("the run has {length} bytes, which is not what the request says");
        Refusal::new(StatusCode::CONFLICT, "other_length", message).at(length)
    }
}

/// The run was kept as interrupted, and the bytes are gone on which it could go on.
fn beginning_removed(row: &RunRow) -> Refusal {
    let message = format!(
        "run {} was kept as interrupted, and its stream was thinned or removed since: it cannot go on",
        row.id
    );
    let hint = "send all of it under another UUID";
    Refusal::new(StatusCode::CONFLICT, "removed", message).with_hint(hint)
}

/// Takes bytes that belong to this place: those that are there already are compared.
fn take(claimed: &mut ClaimedRun, at: u64, bytes: &[u8]) -> Result<(), Refusal> {
    let Some(receiver) = &mut claimed.receiver else { return Ok(()) };
    let length = receiver.length();
    let known = usize::try_from(length - at).unwrap_or(usize::MAX).min(bytes.len());
    let (known, new) = bytes.split_at(known);
    same(receiver.compare(at, known)?, length)?;
    Ok(receiver.append(new)?)
}

fn same(overlap: Overlap, length: u64) -> Result<(), Refusal> {
    let Overlap::Differs(place) = overlap else { return Ok(()) };
    let message = format!("byte {place} of the run is another one than that which came before");
    let hint = "another stream is another run: give it another UUID";
    Err(Refusal::new(StatusCode::CONFLICT, "other_bytes", message).with_hint(hint).at(length))
}

/// A stream from this place on.
async fn skipped(mut stream: Box<RunStream>, at: u64) -> Result<Box<RunStream>, Refusal> {
    blocking(move || {
        let skipped = io::copy(&mut stream.by_ref().take(at), &mut io::sink());
        skipped.map_err(subunit_history::Error::Stream)?;
        Ok(stream)
    })
    .await
}

fn open(claimed: &ClaimedRun) -> Receipt {
    let uuid = claimed.uuid().to_owned();
    Receipt { uuid, offset: claimed.length(), state: ReceiptState::Open }
}

/// The run has ended: it is kept.
async fn finish(app: &WebApp, mut claimed: ClaimedRun) -> Result<Receipt, Refusal> {
    let length = claimed.length();
    if length == 0 {
        if let Some(receiver) = claimed.receiver.take() {
            blocking(move || Ok(receiver.discard()?)).await?;
        }
        let message = "the stream has no bytes: it is no run";
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "no_stream", message));
    }
    let kept = claimed.finish().await.map_err(|refusal| refusal.at(length))?;
    let (id, is_known) = (kept.id, kept.is_known);
    if !is_known {
        app.inbox.counts().add_run();
    }
    let row = app.pool.ask(move |history| Ok(history.run(id)?)).await?;
    let Some(row) = row.map(Box::new) else {
        let message = "the run was removed as soon as it was kept";
        return Err(Refusal::new(StatusCode::CONFLICT, "removed", message));
    };
    let state = if is_known { ReceiptState::Known(row) } else { ReceiptState::Added(row) };
    Ok(Receipt { uuid: kept.uuid, offset: length, state })
}
