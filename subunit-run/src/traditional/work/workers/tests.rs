use subunit_core::{EventBuf, testing::Recorded};

use super::*;
use crate::memory::Recording;

struct Nowhere;

impl Recording for Nowhere {
    fn take(&mut self, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<Option<String>> {
        Ok(None)
    }
}

fn printf(events: &[Event<'_>]) -> String {
    let mut bytes = Vec::new();
    events.iter().for_each(|event| event.encode(&mut bytes).unwrap());
    let octal: String = bytes.iter().map(|byte| format!("\\{byte:03o}")).collect();
    format!("printf '{octal}'")
}

fn ran(lines: &[(String, &[&str])]) -> (Vec<EventBuf>, RunEnd) {
    let share = |(line, ids): &(String, &[&str])| {
        let ids: Vec<_> = ids.iter().map(|id| (*id).to_owned()).collect();
        WorkerCommand::for_test(line.clone(), Some(ids).filter(|ids| !ids.is_empty()))
    };
    let shares: Vec<_> = lines.iter().map(share).collect();
    let (mut nowhere, mut shown) = (Nowhere, Recorded::default());
    let mut intake = Intake::new(&mut nowhere, &mut shown);
    let outcome = run(&shares, "testr", &mut Signals::catch().unwrap(), &mut intake).unwrap();
    intake.finish().unwrap();
    (shown.events, outcome)
}

/// Ids, statuses and reasons, in their order.
fn told(events: &[EventBuf]) -> Vec<String> {
    let told = events.iter().map(|event| {
        let status = event.status.map_or("-", Status::name);
        let reason = event.file.as_ref().map(|file| String::from_utf8_lossy(&file.bytes));
        let reason = reason.unwrap_or_default();
        format!("{} {status} {}", event.test_id.as_deref().unwrap_or("-"), reason.trim())
    });
    told.collect()
}

const STARTED: Event<'static> = Event {
    status: Some(Status::InProgress),
    test_id: Some("a"),
    timestamp: None,
    tags: None,
    runnable: true,
    file: None,
    mime_type: None,
    eof: false,
    route_code: None,
};
const PASSED: Event<'static> = Event { status: Some(Status::Success), ..STARTED };
const FAILED: Event<'static> = Event { status: Some(Status::Fail), ..STARTED };

#[test]
fn events_and_text_of_all_workers_come_with_their_numbers() {
    let says = printf(&[PASSED]);
    let (events, outcome) = ran(&[(format!("echo text; {says}"), &[]), (says, &[])]);
    let route =
        |event: &EventBuf| event.route_code.as_ref().map(|code| code.as_route().to_string());
    let mut routes: Vec<_> = events.iter().filter_map(route).collect();
    routes.sort();
    // The end of the text may be an event of its own.
    routes.dedup();
    assert_eq!(routes, ["0", "1"]);
    assert!(told(&events).contains(&"- - text".to_owned()));
    assert_eq!(outcome.complaints, Vec::<String>::new());
}

#[test]
fn a_test_that_never_ended_stays_open_if_its_worker_ended_well() {
    let (events, outcome) = ran(&[(printf(&[STARTED]), &["a", "b"])]);
    assert_eq!(told(&events), ["a inprogress "]);
    assert_eq!(outcome.complaints, Vec::<String>::new());
}

#[test]
fn the_tests_of_a_dead_worker_fail_with_the_reason() {
    let line = format!("{}; kill -9 $$", printf(&[STARTED]));
    let (events, outcome) = ran(&[(line, &["a", "b"])]);
    let how = "killed by signal 9 (SIGKILL)";
    let expected = [
        "a inprogress ".to_owned(),
        format!("a fail {how} while this test was running"),
        format!("b fail never run: the worker ended before it: {how}"),
    ];
    assert_eq!(told(&events), expected);
    assert_eq!(outcome.complaints, Vec::<String>::new());
}

#[test]
fn it_is_told_that_tests_did_not_run_whose_ids_nobody_knows() {
    let line = format!("{}; kill -9 $$", printf(&[STARTED]));
    let (events, outcome) = ran(&[(line, &[])]);
    assert_eq!(events.len(), 2);
    let how = "killed by signal 9 (SIGKILL)";
    let left = "tests that it had not begun did not run";
    assert_eq!(outcome.complaints, [format!("worker-0: {how}; {left}")]);
}

#[test]
fn an_exit_status_is_a_complaint_only_if_no_test_failed() {
    let (events, outcome) = ran(&[(format!("{}; exit 7", printf(&[PASSED])), &["a", "b"])]);
    assert_eq!(told(&events), ["a success "]);
    assert_eq!(outcome.complaints, ["worker-0: exit status 7"]);
    let (events, outcome) = ran(&[(format!("{}; exit 1", printf(&[FAILED])), &["a", "b"])]);
    assert_eq!(told(&events), ["a fail "]);
    assert_eq!(outcome.complaints, Vec::<String>::new());
}

#[test]
fn a_command_that_cannot_be_started_is_told() {
    let (events, outcome) = ran(&[("exec ./no-such-command 2>/dev/null".into(), &[])]);
    assert_eq!(told(&events), Vec::<String>::new());
    assert_eq!(outcome.not_started.as_deref(), Some("exit status 127"));
}

#[test]
fn damage_is_a_complaint() {
    let mut bytes = Vec::new();
    PASSED.encode(&mut bytes).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let octal: String = bytes.iter().map(|byte| format!("\\{byte:03o}")).collect();
    let (_, outcome) = ran(&[(format!("printf '{octal}'; {}", printf(&[PASSED])), &[])]);
    let [complaint] = outcome.complaints.as_slice() else { panic!("{outcome:?}") };
    assert!(complaint.starts_with("worker-0: damaged packet at byte 0"), "{complaint}");
}
