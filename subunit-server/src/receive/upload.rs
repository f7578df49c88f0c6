//! `POST /api/v1/runs`: a run in one piece, in any format.

use std::{
    fs::File,
    io::{self, Read, Seek as _, Write as _},
};

use axum::{
    body::Body,
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use subunit_filters::files::input;
use subunit_formats::Format;
use subunit_history::{KeptRun, RunWriter, Store};

use super::{
    body::{BodyBlocks, BodyState},
    facts::RunFactsQuery,
    inbox::blocking,
    receipt::{Receipt, ReceiptState, Refusal},
};
use crate::{api::ApiRequest, rewrite::StreamRewriter, web::app::WebApp};

/// What may stand after the `?`.
const PARAMETERS: &[&str] = &["series", "partial", "live", "format"];

/// How a file may be packed. Its first bytes tell, whatever is said of it.
const ENCODINGS: [&str; 3] = ["identity", "gzip", "zstd"];

/// Takes a run.
pub(super) async fn upload(request: ApiRequest, headers: HeaderMap, body: Body) -> Response {
    let ApiRequest { app, query, .. } = request;
    match receive(&app, query, &headers, body).await {
        Ok(receipt) => receipt.into_response(&app.base),
        Err(refusal) => refusal.into_response(),
    }
}

async fn receive(
    app: &WebApp,
    query: Vec<(String, String)>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Receipt, Refusal> {
    let facts = RunFactsQuery::read(query, PARAMETERS)?;
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if header(CONTENT_ENCODING).is_some_and(|encoding| !ENCODINGS.contains(&encoding)) {
        let message = format!("Content-Encoding: a file may be sent as {}", ENCODINGS.join(", "));
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "bad_encoding", message));
    }
    let said = header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if said.is_some_and(|length| length > app.inbox.longest()) {
        return Err(too_large(app));
    }
    let is_stream = header(CONTENT_TYPE) == Some("application/vnd.subunit.v2");
    let format = facts.format.or_else(|| is_stream.then_some(Format::Subunit));
    let longest = app.inbox.longest();
    // Before the store is touched: a body may come slowly, and be cut.
    let file = spooled(app, body).await?;
    let kept = app.inbox.keep(move |store| keep(store, facts, format, file, longest)).await?;
    let (id, is_known) = (kept.id, kept.is_known);
    if !is_known {
        app.inbox.counts().add_run();
    }
    let row = app.pool.ask(move |history| Ok(history.run(id)?)).await?;
    let Some(row) = row.map(Box::new) else {
        let message = "the run was removed as soon as it was kept";
        return Err(Refusal::new(StatusCode::CONFLICT, "removed", message));
    };
    let offset = row.raw_bytes;
    let state = if is_known { ReceiptState::Known(row) } else { ReceiptState::Added(row) };
    Ok(Receipt { uuid: kept.uuid, offset, state })
}

/// The body in a file without a name.
async fn spooled(app: &WebApp, body: Body) -> Result<File, Refusal> {
    let folder = app.inbox.files()?.to_owned();
    let failed = |error: io::Error| Refusal::from(subunit_history::Error::Output(error));
    let mut file = blocking(move || tempfile::tempfile_in(folder).map_err(failed)).await?;
    let (mut body, mut length) = (BodyBlocks::new(body), 0);
    loop {
        let (block, state) = body.next().await;
        length += block.len() as u64;
        app.inbox.counts().add_bytes(block.len());
        if length > app.inbox.longest() {
            return Err(too_large(app));
        }
        file = blocking(move || file.write_all(&block).map(|()| file).map_err(failed)).await?;
        match state {
            BodyState::Open => {}
            BodyState::Ended => break,
            BodyState::Cut => {
                let message = "the body was cut short: nothing of it is kept";
                return Err(Refusal::new(StatusCode::BAD_REQUEST, "cut_short", message));
            }
        }
    }
    blocking(move || file.rewind().map(|()| file).map_err(failed)).await
}

fn too_large(app: &WebApp) -> Refusal {
    Refusal::too_large("a file", app.inbox.longest())
}

/// Keeps the run of a file, all of it or nothing. What is packed may hold `longest` bytes.
fn keep(
    store: &mut Store,
    facts: RunFactsQuery,
    format: Option<Format>,
    file: File,
    longest: u64,
) -> Result<KeptRun, Refusal> {
    let mut writer = store.begin(facts.new)?;
    let uuid = writer.uuid().to_owned();
    let mut rewriter = StreamRewriter::new(IntoRun(&mut writer));
    let mut file = Unpacked { inner: input::unpacked(file), left: longest };
    let read = subunit_formats::read(&mut file, format, &mut rewriter);
    let has_some = rewriter.length() > 0;
    let written = rewriter.into_written().map(drop);
    let refusal = match (read, written) {
        (Err(error), Ok(())) if error.get_ref().is_some_and(|said| said.is::<TooLong>()) => {
            Refusal::too_large("what a file holds", longest)
        }
        // None of the system: something is wrong with what was sent.
        (Err(error), Ok(())) if error.raw_os_error().is_none() => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Refusal::new(status, "bad_archive", error.to_string())
        }
        (_, Err(error)) | (Err(error), _) => subunit_history::Error::Stream(error).into(),
        (Ok(true), Ok(())) if has_some => match writer.finish(store) {
            Ok(kept) => return Ok(kept),
            // Its client sends it again: what is left would be another run.
            Err(error) => {
                let _ = store.discard(&uuid);
                return Err(error.into());
            }
        },
        (Ok(_), Ok(())) => {
            let message = "no test results found";
            let hint = "subunit, TAP, JUnit XML, JSON of go test, libtest, pytest-reportlog and CTRF, TeamCity messages and \
                        others are looked for: `?format=` names one";
            Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "no_results", message).with_hint(hint)
        }
    };
    drop(writer);
    store.discard(&uuid)?;
    Err(refusal)
}

/// What a file holds, up to a length.
struct Unpacked<R> {
    inner: R,
    left: u64,
}

/// It holds more.
#[derive(Debug)]
struct TooLong;

impl std::error::Error for TooLong {}

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it is too long")
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        let left = self.left.checked_sub(length as u64);
        self.left = left.ok_or_else(|| io::Error::other(TooLong))?;
        Ok(length)
    }
}

/// Writes into a run.
struct IntoRun<'w>(&'w mut RunWriter);

impl io::Write for IntoRun<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
