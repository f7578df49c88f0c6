//! A test that runs: what is kept of it, and what its end says of it.

use std::collections::HashMap;

use subunit_core::{
    Status, TagsBuf, Timestamp,
    run::cause,
    sink::{Attachment, TestRecord},
};

/// A test that runs.
#[derive(Debug, Default)]
pub(super) struct WrittenTest {
    pub(super) ordinal: u64,
    pub(super) start: Option<Timestamp>,
    pub(super) tags: TagsBuf,
    pub(super) files: Vec<(String, Vec<u8>)>,
    /// The beginnings of characters that output ended with.
    pub(super) cut: HashMap<&'static str, Vec<u8>>,
}

impl WrittenTest {
    /// The file of this name, if it is text.
    fn text(&self, name: &str) -> Option<String> {
        let (_, bytes) = self.files.iter().find(|(known, _)| known == name)?;
        String::from_utf8(bytes.clone()).ok()
    }

    /// The file of this name, as text; it is taken out.
    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.files.iter().position(|(known, _)| known == name)?;
        Some(String::from_utf8_lossy(&self.files.remove(at).1).into_owned())
    }

    /// Why it failed, on one line.
    fn message(&self, status: Status) -> String {
        if status == Status::UnexpectedSuccess {
            return "unexpected success".to_owned();
        }
        let files = self.files.iter().map(|(name, bytes)| Attachment {
            name: name.clone(),
            bytes: bytes.clone(),
            ..Attachment::default()
        });
        let attachments = files.collect();
        let status = Some(status);
        let message = cause::message(&TestRecord { status, attachments, ..TestRecord::default() });
        if message.is_empty() { "failed".to_owned() } else { message }
    }
}

/// A message and its values besides the test.
pub(super) type EndMessage = (&'static str, Vec<(&'static str, String)>);

/// What tells that a test did not pass. Takes the files that say why.
pub(super) fn verdict(status: Status, test: &mut WrittenTest) -> Option<EndMessage> {
    /// The files that are the details of a failure, the best first.
    const DETAILS: [&str; 4] = ["traceback", "failure", "error", "details"];
    if matches!(status, Status::Fail | Status::UnexpectedSuccess) {
        let message = test.message(status);
        // A reason of one line is the message.
        let reason = test.text("reason").filter(|reason| reason.trim_ascii().contains('\n'));
        let details = DETAILS.iter().find_map(|name| test.take(name)).or(reason);
        let details = details.unwrap_or_default();
        return Some(("testFailed", vec![("message", message), ("details", details)]));
    }
    let mut reason = || test.take("reason");
    let message = match status {
        Status::Skip => reason().unwrap_or_default(),
        Status::ExpectedFailure => {
            let reason = reason().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("Expected failure{reason}")
        }
        _ => return None,
    };
    Some(("testIgnored", vec![("message", message)]))
}
