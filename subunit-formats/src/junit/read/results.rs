//! What a failure, an error or a skip says, of a test case, an attempt at it or a suite.

use subunit_core::{Event, FileChunk, Status};

use super::{Frame, Output, State, attempt::Kind, cases::times, suites::UNNAMED};
use crate::{
    events::{clocked::ClockedPush, emit::TEXT},
    text::xml::Element,
};

impl State {
    pub(super) fn start_attempt(
        &mut self,
        kind: Kind,
        element: &Element,
        push: &mut ClockedPush<'_>,
    ) -> Frame {
        let Some(case) = &mut self.case else {
            return Frame::default();
        };
        self.suites.read_failure();
        let (start, duration) = times(element);
        case.begin_attempt(kind, start, duration, push);
        self.outcome.begin_text(element);
        let name = if element.name().ends_with("Error") { "error" } else { "failure" };
        self.outcome.file = case.begin_file(name, push);
        Frame { file: true, begins_file: true, ..Frame::default() }
    }

    pub(super) fn start_result(&mut self, element: &Element, push: &mut ClockedPush<'_>) -> Frame {
        self.outcome.begin_text(element);
        let name = match element.name() {
            "skipped" => "reason",
            "error" => "error",
            _ => "failure",
        };
        if name != "reason" {
            self.suites.read_failure();
        }
        if let Some(case) = &mut self.case {
            self.outcome.note(element);
            case.failed = self.outcome.status().is_failure();
            self.outcome.file = case.begin_file(name, push);
        } else {
            self.outcome.file = name.to_owned();
            self.output = Some(Output::of_result(self.suites.id(), name));
        }
        Frame { file: true, begins_file: true, ..Frame::default() }
    }

    pub(super) fn end_result(&mut self, push: &mut ClockedPush<'_>) {
        let (message, kind) = self.outcome.end_text();
        let Some(case) = &mut self.case else {
            return self.end_suite_result(&message, push);
        };
        let file = std::mem::take(&mut self.outcome.file);
        let (base, number) = match file.rsplit_once('-') {
            Some((base, number)) => (base, format!("-{number}")),
            None => (&*file, String::new()),
        };
        let content = case.content().map(<[u8]>::trim_ascii);
        let said = content.is_some_and(|content| content.starts_with(message.trim().as_bytes()));
        let empty = content.is_some_and(<[u8]>::is_empty);
        let other = if base == "reason" { &file } else { &format!("message{number}") };
        if empty {
            case.replace(message.as_bytes(), push);
            case.end_file(push);
        } else {
            if base == "reason" && !said {
                case.rename("details");
            }
            case.end_file(push);
            if !said {
                case.file(other, message.as_bytes(), push);
            }
        }
        if base != "reason" {
            case.file(&format!("type{number}"), kind.as_bytes(), push);
        }
    }

    fn end_suite_result(&mut self, message: &str, push: &mut ClockedPush<'_>) {
        let Some(mut output) = self.output.take() else {
            return;
        };
        if output.bytes.trim_ascii().is_empty() {
            output.bytes = message.as_bytes().to_vec();
        } else if !message.is_empty() {
            output.bytes = [message.as_bytes(), b"\n", &output.bytes].concat();
        }
        let status = if output.name == "reason" { Status::Skip } else { Status::Fail };
        push.event(&Event {
            timestamp: Some(push.clock.now()),
            runnable: false,
            file: Some(FileChunk { name: &output.name, bytes: &output.bytes }),
            mime_type: Some(TEXT),
            eof: true,
            ..Event::status(output.id.as_deref().unwrap_or(UNNAMED), status)
        });
    }
}
