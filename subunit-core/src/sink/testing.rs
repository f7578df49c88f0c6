//! A sink for the tests of sinks.

use super::{Flow, Sink};
use crate::{Damage, Event, RouteCode};

/// Writes down all it gets, one line each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    pub(crate) lines: Vec<String>,
}

impl Sink for Log {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let mut words: Vec<String> = Vec::new();
        words.extend(event.route_code.map(RouteCode::as_str).map(|route| format!("{route}:")));
        words.extend(event.test_id.map(str::to_owned));
        words.extend(event.status.map(|status| status.to_string()));
        words.extend(event.timestamp.map(|time| format!("@{}", time.seconds())));
        words.extend(event.tags.map(|tags| format!("[{}]", Vec::from_iter(tags).join(","))));
        words.extend(
            event.file.map(|file| format!("{}={}", file.name, String::from_utf8_lossy(file.bytes))),
        );
        words.extend(event.mime_type.map(|mime| format!("<{mime}>")));
        words.extend(event.eof.then(|| "eof".to_owned()));
        self.lines.push(words.join(" "));
        Flow::Continue
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.lines.push(format!("text {}", String::from_utf8_lossy(bytes)));
        Flow::Continue
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.lines.push(format!("damage {}", String::from_utf8_lossy(damage.bytes)));
        Flow::Continue
    }

    fn finish(&mut self) {
        self.lines.push("finish".to_owned());
    }
}
