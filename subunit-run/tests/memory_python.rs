//! What Python reads of the stores that we write, and we of those that it changes.

#![cfg(feature = "python-tests")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{path::Path, process::Command};

use subunit_core::{Event, Status, Timestamp};
use subunit_run::memory::{Memory, Repository, Tool};

const IDS: [&str; 6] = [
    "a.one",
    "it's",
    "\"both\" 'quotes'",
    "\u{fc}\u{ad}\u{a0}\u{85}.x y",
    "back\\slash\t",
    "\u{1f600}",
];

/// Runs a program of Python with the path of the store as its argument.
fn python(folder: &Path, program: &str) -> String {
    let base = folder.join("times.dbm");
    let output = Command::new("python3").arg("-c").arg(program).arg(base).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn run(repository: &mut Repository, micros: u32) {
    let mut stream = Vec::new();
    for (status, micros) in [(Status::InProgress, 0), (Status::Success, micros)] {
        let timestamp = Some(Timestamp::new(1_000_000_000, micros * 1000));
        for id in IDS {
            Event { timestamp, ..Event::status(id, status) }.encode(&mut stream).unwrap();
        }
    }
    let mut recording = repository.begin(false).unwrap();
    recording.take(&stream).unwrap();
    recording.finish().unwrap();
    assert_eq!(repository.warnings(), [""; 0]);
}

fn expected(value: &str) -> String {
    let mut lines = IDS.map(|id| format!("{id}={value}\n"));
    lines.sort();
    lines.concat()
}

const READ: &str = "
import dbm, sys
assert dbm.whichdb(sys.argv[1]) == 'dbm.dumb'
with dbm.open(sys.argv[1], 'r') as db:
    for key in sorted(db.keys()):
        sys.stdout.buffer.write(key + b'=' + db[key] + b'\\n')
";

const CHANGE: &str = "
import dbm, sys
with dbm.open(sys.argv[1], 'c') as db:
    for key in list(db.keys()):
        db[key] = '7.25'
    db['x' * 600] = '0.5'
    del db['it\\'s']
";

#[test]
fn python_and_we_change_one_store_in_turns() {
    let project = tempfile::tempdir().unwrap();
    let folder = project.path().join(".stestr");
    let mut repository = Repository::init(&folder, Tool::Stestr).unwrap();
    run(&mut repository, 10);
    assert_eq!(python(&folder, READ), expected("1e-05"));
    run(&mut repository, 123_456);
    assert_eq!(python(&folder, READ), expected("0.123456"));
    python(&folder, CHANGE);
    let times = repository.times().unwrap();
    assert_eq!((times["\u{1f600}"].as_millis(), times[&"x".repeat(600)].as_millis()), (7250, 500));
    assert_eq!((times.len(), times.contains_key("it's")), (IDS.len(), false));
    run(&mut repository, 30);
    let long = format!("{}=0.5\n", "x".repeat(600));
    assert_eq!(python(&folder, READ).replace(&long, ""), expected("3e-05"));
    assert_eq!(repository.warnings(), [""; 0]);
}

const DATABASE: &str = "
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('CREATE TABLE Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)')
for i in range(3000):
    key = 'package.test_%d' % i + 'x' * (30000 if i % 1000 == 0 else 0)
    db.execute('REPLACE INTO Dict VALUES (CAST(? AS BLOB), CAST(? AS BLOB))', (key, repr(i / 1000)))
db.execute('DELETE FROM Dict WHERE rowid > 2900')
db.commit()
";

/// Larger than a page, with rows that are larger too.
#[test]
fn a_large_database_is_read_and_becomes_what_every_python_reads() {
    let project = tempfile::tempdir().unwrap();
    let folder = project.path().join(".testrepository");
    let mut repository = Repository::init(&folder, Tool::Testr).unwrap();
    python(&folder, DATABASE);
    let times = repository.times().unwrap();
    assert_eq!(repository.warnings(), [""; 0]);
    assert_eq!(times.len(), 2900);
    let long = format!("package.test_2000{}", "x".repeat(30000));
    assert_eq!((times[&long].as_millis(), times["package.test_1001"].as_millis()), (2000, 1001));
    run(&mut repository, 10);
    assert_eq!(python(&folder, READ).lines().count(), 2900 + IDS.len());
}
