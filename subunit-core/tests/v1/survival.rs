//! What records are when they were written in version 1 and read again.

use proptest::prelude::*;
use subunit_core::{
    Event, FileChunk, Status, TagsBuf, Timestamp,
    sink::{Sink, TestRecord},
    v1::Writer,
};

use crate::{
    log::{parse_into, records},
    reference::{bytes_of, cases, push_items, written},
};

/// What version 1 can say of a record: no route code, no type of files as it was.
fn sayable(record: &TestRecord) -> impl PartialEq + std::fmt::Debug + use<> {
    let never_ended = record.status.is_none_or(|status| status == Status::InProgress);
    let mut tags: Vec<_> = record.tags.as_tags().iter().map(str::to_owned).collect();
    tags.sort_unstable();
    let mut files: Vec<_> =
        record.attachments.iter().map(|file| (file.name.clone(), file.bytes.clone())).collect();
    files.sort();
    let times = (record.start.or(record.stop), record.stop.or(record.start));
    let status = if never_ended { Some(Status::Fail) } else { record.status };
    (record.test_id.clone(), status, tags, files, times)
}

#[test]
fn records_survive_version_1() {
    let (mut streams, mut tests) = (0, 0);
    for case in cases().iter().filter(|case| case["stdout"].is_string()) {
        let stream = bytes_of(&case["stdin"]);
        let before = records(|sink| push_items(&stream, sink));
        // Damage is a test only in version 1; the crate `subunit-tests` compares these, too.
        let name = case["name"].as_str().unwrap();
        if ["2to1--corrupt-middle", "2to1--truncated-tail"].contains(&name) {
            continue;
        }
        let survivors = |writer| {
            let lines = written(&stream, writer);
            records(|sink| parse_into(&lines, &[usize::MAX], sink))
        };
        let form = |records: &[TestRecord]| records.iter().map(sayable).collect::<Vec<_>>();
        // A test without a time has that of the line before it, once there was one.
        let timed: Vec<_> = before.iter().map(|test| test.start.or(test.stop).is_some()).collect();
        let survivors = |writer| {
            let mut found: Vec<TestRecord> = survivors(writer);
            for (test, _) in found.iter_mut().zip(&timed).filter(|(_, timed)| !**timed) {
                (test.start, test.stop) = (None, None);
            }
            found
        };
        assert_eq!(form(&survivors(Writer::new(Vec::new()))), form(&before), "{name}");
        // Tradition drops empty files.
        let mut fuller = before;
        fuller.iter_mut().for_each(|test| test.attachments.retain(|file| !file.bytes.is_empty()));
        let traditional = survivors(Writer::traditional(Vec::new()));
        assert_eq!(form(&traditional), form(&fuller), "{name}");
        (streams, tests) = (streams + 1, tests + fuller.len());
    }
    println!("{tests} records of {streams} streams survive");
    assert_eq!(streams, 23);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_record_survives(
        id in "[a-z.\\[ ]{0,6}[a-z]",
        tags in prop::collection::btree_set("[a-z]{1,3}", 0..4),
        content in prop::collection::vec(any::<u8>(), 0..300),
        time in (any::<u32>(), 0..1_000_000_000_u32),
    ) {
        let tags = tags.iter().map(String::as_str).collect::<TagsBuf>();
        let event = Event {
            tags: Some(tags.as_tags()),
            timestamp: Some(Timestamp::new(time.0, time.1)),
            file: Some(FileChunk { name: "log", bytes: &content }),
            eof: true,
            ..Event::status(&id, Status::ExpectedFailure)
        };
        let push = |sink: &mut dyn Sink| {
            sink.event(&event);
            sink.finish();
        };
        let mut writer = Writer::new(Vec::new());
        push(&mut writer);
        let lines = writer.into_inner().unwrap();
        let after = records(|sink| parse_into(&lines, &[usize::MAX], sink));
        let before = records(push);
        prop_assert_eq!(after.len(), 1);
        prop_assert_eq!(sayable(&before[0]), sayable(&after[0]));
        prop_assert_eq!((after[0].start, after[0].stop), (before[0].start, before[0].stop));
    }
}
