//! What the streams are about: ids of tests, tracebacks, lines of other programs.

use std::fmt::Write;

use crate::random::Random;

const PROJECTS: [&str; 10] = [
    "harbor",
    "lantern",
    "quarry",
    "meadow",
    "granite",
    "orchard",
    "beacon",
    "tidewater",
    "copper",
    "juniper",
];
const PARTS: [&str; 16] = [
    "api",
    "storage",
    "network",
    "scheduler",
    "objects",
    "database",
    "drivers",
    "images",
    "volumes",
    "access_rules",
    "messages",
    "policy",
    "limits",
    "migration",
    "console",
    "plugins",
];
const THINGS: [&str; 12] = [
    "Server", "Volume", "Network", "Port", "Limit", "Image", "Snapshot", "Router", "Token", "Role",
    "Region", "Object",
];
const DEEDS: [&str; 12] = [
    "create", "delete", "list", "show", "update", "attach", "detach", "migrate", "resize",
    "rebuild", "lock", "resume",
];
const WAYS: [&str; 12] = [
    "with_a_bad_name",
    "without_permission",
    "twice",
    "when_locked",
    "while_busy",
    "with_tags",
    "over_the_limit",
    "and_verify",
    "by_an_admin",
    "as_a_guest",
    "in_parallel",
    "after_a_restart",
];
const LABELS: [&str; 6] = ["slow", "gate", "smoke", "network", "py3", "flaky"];

/// The id of the test `nth`, as runners of several languages write them; no two are the same.
pub(super) fn test_id(random: &mut Random, nth: u64) -> String {
    let (project, part, thing) =
        (random.pick(&PROJECTS), random.pick(&PARTS), random.pick(&THINGS));
    let (deed, way) = (random.pick(&DEEDS), random.pick(&WAYS));
    match random.below(100) {
        0..15 => {
            let backend = random.pick(&PARTS);
            format!(
                "{project}.tests.unit.{part}.test_{deed}.{thing}Tests.test_{deed}_{way}_{nth}(v2,{backend})"
            )
        }
        15..60 => {
            format!(
                "{project}.tests.unit.{part}.test_{part}.{thing}{thing}Test.test_{deed}_{way}_{nth}"
            )
        }
        60..90 => format!("{project}::{part}::tests::{deed}_{way}_{nth}"),
        90..99 => format!("go/{project}/{part}/Test{thing}/{deed}_{nth}"),
        _ => format!("{project}.{part}.Prüfung{thing}.größe_ändern_λ_{nth}"),
    }
}

pub(super) fn label(random: &mut Random) -> &'static str {
    random.pick(&LABELS)
}

/// A traceback of about `size` bytes.
pub(super) fn traceback(random: &mut Random, size: usize) -> String {
    let mut text = String::from("Traceback (most recent call last):\n");
    while text.len() < size {
        let (part, deed, way) = (random.pick(&PARTS), random.pick(&DEEDS), random.pick(&WAYS));
        let (line, value) = (random.below(3000), random.below(1 << 30));
        let _ = write!(
            text,
            "  File \"/srv/{part}/tests/test_{deed}.py\", line {line}, in test_{deed}_{way}\n    \
             self.assertEqual({line}, self.{deed}_{part}({value}, context=self.context))\n"
        );
    }
    let _ = writeln!(text, "AssertionError: {} != {}", random.below(1000), random.below(1000));
    text
}

/// A line that another program printed. One in a hundred has a 0xB3 within a character.
pub(super) fn line(random: &mut Random) -> String {
    let (part, deed, way) = (random.pick(&PARTS), random.pick(&DEEDS), random.pick(&WAYS));
    let (small, large) = (random.below(60), random.below(90_000));
    match random.below(100) {
        0..30 => {
            format!("[{small}/900] cc -O2 -g -Wall -c {part}/{deed}.c -o build/{deed}_{large}.o\n")
        }
        30..60 => {
            format!("12:00:{small:02} {large} INFO {part}.{deed} [request-{large:016x}] {way}\n")
        }
        60..85 => format!("   Compiling {part}-{deed} v0.{small}.{large}\n"),
        85..98 => format!("\x1b[33mwarning\x1b[0m: unused variable `{deed}_{way}`\n"),
        98 => format!("{small} pasos de compilación, {large} mm³ por {part}\n"),
        _ => format!("✓ {large} passed – {small} skipped\n"),
    }
}
