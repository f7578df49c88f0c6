//! Whose a text is: a file of a test case, of a suite or of the run, or nobody's.

use super::{Frame, Output, Role, State, suites::LONGEST_NAME};
use crate::{events::clocked::ClockedPush, junit::values, text::xml::Element};

impl State {
    pub(super) fn start_file(&mut self, name: &str, push: &mut ClockedPush<'_>) -> Frame {
        self.end_file_around(push);
        if let Some(case) = &mut self.case {
            case.begin_file(name, push);
        } else {
            let known = ["stderr", "properties"].into_iter().find(|known| *known == name);
            let suite = self.suites.name().map(|_| self.suites.id());
            self.output = Some(Output::of_suite(suite.as_deref(), known.unwrap_or("stdout")));
        }
        Frame { file: true, begins_file: true, ..Frame::default() }
    }

    /// Output within a failure is a file of its own, and what the failure says ends with it.
    fn end_file_around(&mut self, push: &mut ClockedPush<'_>) {
        let Some(around) = self.frames.last_mut().filter(|around| around.file) else {
            return;
        };
        let begins_file = std::mem::take(&mut around.begins_file);
        around.file = false;
        match around.role {
            Role::Attempt(_) | Role::Result if begins_file => self.end_result(push),
            _ => self.end_file(push),
        }
    }

    pub(super) fn end_file(&mut self, push: &mut ClockedPush<'_>) {
        if let Some(case) = &mut self.case {
            return case.end_file(push);
        }
        if let Some(mut output) = self.output.take() {
            output.send(true, push);
        }
    }

    pub(super) fn start_property(
        &mut self,
        element: &Element,
        push: &mut ClockedPush<'_>,
    ) -> Frame {
        let around = self.frames.last().copied().unwrap_or_default();
        if !around.file {
            return Frame::default();
        }
        let name = element.attribute("name").unwrap_or_default();
        let value = element.attribute("value").unwrap_or_default();
        // What does not fit in stays a property.
        if let ("tag", Some(case)) = (name, &mut self.case)
            && case.has_room_for_tags()
        {
            case.tag(values::cut(value, LONGEST_NAME));
            return Frame::default();
        }
        let line = format!("{}={}", one_line(name), one_line(value));
        self.text(line.as_bytes(), push);
        Frame { file: true, ..Frame::default() }
    }

    /// The value may have been an attribute or text: the line has it either way.
    pub(super) fn end_property(&mut self, push: &mut ClockedPush<'_>) {
        if let Some(case) = &mut self.case {
            let last = case.content().and_then(|lines| lines.rsplit(|byte| *byte == b'\n').next());
            let path = last.and_then(|line| line.strip_prefix(b"attachment="));
            if let Some(path) = path.map(<[u8]>::to_vec) {
                case.artifact(&path);
            }
        }
        self.text(b"\n", push);
    }

    pub(super) fn text(&mut self, mut bytes: &[u8], push: &mut ClockedPush<'_>) {
        if self.frames.last().is_some_and(|frame| frame.file) {
            return match (&mut self.case, &mut self.output) {
                (Some(case), _) => case.text(bytes, push),
                (None, Some(output)) => output.text(bytes, push),
                (None, None) => push.text(bytes),
            };
        }
        if !self.loose {
            bytes = bytes.trim_ascii_start();
        }
        if !bytes.is_empty() {
            self.loose = true;
            push.text(bytes);
        }
    }

    pub(super) fn comment(&mut self, bytes: &[u8], push: &mut ClockedPush<'_>) {
        let in_file = self.frames.last().is_some_and(|frame| frame.file);
        match &mut self.case {
            Some(case) if !in_file => {
                if !std::mem::replace(&mut self.comment, true) {
                    case.begin_file("comment", push);
                }
                case.text(bytes, push);
            }
            _ => self.text(bytes, push),
        }
    }
}

fn one_line(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}
