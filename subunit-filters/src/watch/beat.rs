//! Signs of life, where each result is a line and none comes.

use std::time::Duration;

use subunit_core::sink::Counts;

use super::{clock::Clock, fit::cut, line::one_line, run::Run};

/// Says how far a run is where nothing else was said for a while. Times are handed in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beat {
    said: Duration,
}

impl Beat {
    /// So long nothing is said before this does.
    pub const SILENCE: Duration = Duration::from_secs(60);

    /// So many of the tests that run are named,
    const NAMED: usize = 3;
    /// each in this many columns.
    const WIDTH: usize = 100;

    /// Something was said.
    pub fn note(&mut self, now: Duration) {
        self.said = now;
    }

    /// For how long it may still be silent.
    pub fn left(&self, now: Duration) -> Duration {
        (self.said + Self::SILENCE).saturating_sub(now)
    }

    /// What is to be said now: `12 of 300, 2 failed, running: a.two 41 s`.
    pub fn line(&mut self, run: &Run, counts: &Counts, now: Duration) -> Option<String> {
        if !self.left(now).is_zero() {
            return None;
        }
        self.note(now);
        let done = run.done();
        let mut line = match run.total() {
            Some(total) => format!("{} of {total}", done.min(total)),
            None => format!("{done} done"),
        };
        match counts.fail + counts.uxsuccess {
            0 => {}
            failed => line += &format!(", {failed} failed"),
        }
        let running = run.running(Self::NAMED, now);
        for (nth, test) in running.iter().enumerate() {
            let place = test.worker.map_or_else(String::new, |worker| format!("[{worker}] "));
            let name = cut(&one_line(&format!("{place}{}", test.test_id)).to_string(), Self::WIDTH);
            let before = if nth == 0 { ", running: " } else { ", " };
            line += &format!("{before}{name} {}", Clock(test.time).seconds());
        }
        match run.open_tests() - running.len() {
            0 => {}
            more => line += &format!(" and {more} more"),
        }
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use subunit_core::{
        Event, FileChunk, RouteCode, Status,
        conventions::{MIME_TYPE, PLAN},
    };

    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn it_speaks_once_a_minute_of_silence() {
        let (mut beat, run, counts) = (Beat::default(), Run::new(0), Counts::default());
        let spoken: Vec<u64> =
            (0..200).filter(|now| beat.line(&run, &counts, seconds(*now)).is_some()).collect();
        assert_eq!(spoken, [60, 120, 180]);
        beat.note(seconds(200));
        assert_eq!(beat.left(seconds(230)), seconds(30));
        assert_eq!(beat.line(&run, &counts, seconds(259)), None);
        assert_eq!(beat.line(&run, &counts, seconds(260)).unwrap(), "0 done");
    }

    #[test]
    fn it_says_where_a_test_runs() {
        let (mut beat, mut run) = (Beat::default(), Run::new(0));
        let route_code = Some(RouteCode::new("mac/0"));
        let event = Event { route_code, ..Event::status("a", Status::InProgress) };
        run.note(&event, seconds(0));
        let line = beat.line(&run, &Counts::default(), seconds(60));
        assert_eq!(line.unwrap(), "0 done, running: [mac/0] a 1:00");
    }

    #[test]
    fn it_says_how_far_the_run_is_and_what_runs() {
        let (mut beat, mut run) = (Beat::default(), Run::new(0));
        for test_id in ["a.one", "a.two", "b\n", "c", "d"] {
            run.note(&Event::status(test_id, Status::Exists), seconds(0));
        }
        run.note(&Event::status("a.one", Status::Fail), seconds(10));
        run.note(&Event::status("a.two", Status::InProgress), seconds(19));
        let counts = Counts { fail: 2, ..Counts::default() };
        let line = beat.line(&run, &counts, seconds(60));
        assert_eq!(line.unwrap(), "1 of 5, 2 failed, running: a.two 41 s");
        for test_id in ["b\n", "c", "d"] {
            run.note(&Event::status(test_id, Status::InProgress), seconds(100));
        }
        let line = beat.line(&run, &Counts::default(), seconds(120));
        assert_eq!(line.unwrap(), "1 of 5, running: a.two 1:41, b\\n 20 s, c 20 s and 1 more");
    }

    #[test]
    fn a_plan_says_how_many_tests_there_will_be() {
        let (mut beat, mut run) = (Beat::default(), Run::new(0));
        let plan = |content: &'static [u8]| {
            let file = Some(FileChunk { name: PLAN, bytes: content });
            Event { file, mime_type: Some(MIME_TYPE), eof: true, ..Event::default() }
        };
        run.note(&plan(b"{\"tests\":300}"), seconds(0));
        for n in 0..12 {
            run.note(&Event::status(&n.to_string(), Status::Success), seconds(n));
        }
        let counts = Counts::default();
        assert_eq!(beat.line(&run, &counts, seconds(60)).unwrap(), "12 of 300");
        run.note(&plan(b"{\"tests\":"), seconds(61));
        assert_eq!(beat.line(&run, &counts, seconds(120)).unwrap(), "12 of 300", "it is torn");
        run.note(&plan(b"{\"tests\":11}"), seconds(121));
        assert_eq!(beat.line(&run, &counts, seconds(180)).unwrap(), "12 done", "it is outdone");
        run.note(&Event::status("later", Status::Exists), seconds(181));
        assert_eq!(beat.line(&run, &counts, seconds(240)).unwrap(), "12 of 13");
        run.note(&plan(b"{\"tests\":20,\"workers\":2}"), seconds(241));
        assert_eq!(beat.line(&run, &counts, seconds(300)).unwrap(), "12 of 20");
    }
}
