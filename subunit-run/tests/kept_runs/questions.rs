//! What is asked of several histories and series, of a run itself, and of the numbers that tests report.

use std::fs;

use subunit_core::{Status, Writer};

use crate::support::{Place, stream, two_runs, undated};

#[test]
fn several_histories_and_series_are_asked_at_once() {
    let place = Place::new();
    for (line, tests) in [
        ("load --history one --series main/a", "a. b!"),
        ("load --history one --series main/b", "a! b."),
        ("load --history one --series next", "c!"),
        ("load --history two --series main/a", "a. b! d."),
    ] {
        place.say_to(line, &stream(tests));
    }
    // One series is answered as ever.
    assert_eq!(
        undated(&place.say("failing --history one --series next").1),
        "fail  @3 (new)  c  why 17\n"
    );
    let (exit, text, _) = place.say("failing --history one --series main/*");
    let lines = ["one:main/a  fail  @1 (new)  b  why 17", "one:main/b  fail  @2 (new)  a  why 17"];
    assert_eq!((exit, undated(&text).lines().collect::<Vec<_>>()), (Some(1), lines.to_vec()));
    let json = place.json("failing --history one --history two --series main/? --json");
    let named =
        |nth: usize| (json["tests"][nth]["history"].clone(), json["tests"][nth]["test"].clone());
    assert_eq!(named(0), ("one".into(), "b".into()));
    assert_eq!(named(2), ("two".into(), "b".into()));
    assert_eq!(json["tests"][2]["series"], "main/a");
    let (_, text, _) = place.say("history list --history one --history two --series main/*");
    assert_eq!(text.lines().count(), 3);
    assert!(text.lines().any(|line| line.starts_with("two  @1  ")), "{text}");
    let (_, text, _) = place.say("history grid --history one --history two --series main/a");
    assert_eq!(text, "11\nFF  b\n");
    let clusters = place.json("history clusters --history one --history two --series * --json");
    assert_eq!(
        (&clusters["clusters"][0]["failures"], &clusters["clusters"][0]["tests"]),
        (&4.into(), &1.into())
    );
    let trends = place.json("history trends --history one --history two --series * --json");
    assert_eq!(trends["weeks"][0]["runs"], 4);
    assert_eq!(
        place.json("history test b --history one --history two --json")["tests"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let flaky = place.say("flaky --history one --series main/*");
    assert_eq!(flaky.0, Some(0));
    let broken = place.say("broken --history one --history two --series main/*");
    assert_eq!((broken.0, broken.1.lines().count()), (Some(1), 3));
    let (exit, _, said) = place.say("failing --history one --series x*");
    assert_eq!((exit, &*said), (Some(2), "subunit failing: no series is called x*\n"));
}

#[test]
fn numbers_that_tests_report_are_kept() {
    let place = Place::new();
    for value in ["12.5", "13", "no number"] {
        let mut writer = Writer::new(Vec::new());
        writer
            .attach("a", "metric/peak memory", "text/plain;charset=utf8", value.as_bytes())
            .unwrap();
        writer.end("a", Status::Success).unwrap();
        place.say_to("load", &writer.close().unwrap());
    }
    let (exit, text, _) = place.say("history test a --metric");
    assert_eq!(exit, Some(0));
    assert!(text.ends_with("  13\na peak memory: 2 runs, 12.5 to 13\n"), "{text}");
    let json = place.json("history test a --metric --json");
    assert_eq!(json["metrics"][0]["values"], serde_json::json!([[1, 12.5], [2, 13.0]]));
    let (exit, _, said) = place.say("history test a --metric=other");
    assert_eq!(
        (exit, &*said),
        (Some(2), "subunit history: no run has such a number of the test a\n")
    );
    let (exit, _, said) = place.say("history test a --metric --series other");
    assert_eq!(exit, Some(2), "{said}");
    assert_eq!(place.say("history check").0, Some(0));
    assert_eq!(place.say("history reindex").0, Some(0));
    assert_eq!(place.say("history check").0, Some(0));
}

#[test]
fn properties_of_junit_that_are_numbers_are_kept_by_their_names() {
    let place = Place::new();
    for peak in [10; 11].into_iter().chain([20; 11]) {
        let xml = format!(
            "<testsuite name='s' tests='1'><testcase classname='c' name='t'><properties>\
             <property name='peak memory' value='{peak}'/><property name='colour' value='red'/>\
             </properties></testcase></testsuite>"
        );
        place.say_to("load", xml.as_bytes());
    }
    let (exit, text, _) = place.say("history test c::t --metric");
    assert_eq!(exit, Some(0));
    assert!(text.ends_with("  20\nc::t peak memory: 22 runs, 10 to 20\n"), "{text}");
    let (_, text, _) = place.say("history trends");
    assert!(
        text.ends_with("\nnumbers of tests that grew\n10  to 20  since @12  peak memory  c::t\n"),
        "{text}"
    );
    let json = place.json("history trends --json");
    let grown = &json["grown_metrics"][0];
    assert_eq!((&grown["metric"], &grown["before"]), (&"peak memory".into(), &10.0.into()));
}

#[test]
fn a_run_knows_where_it_took_place_and_what_has_changed_since() {
    let place = Place::new();
    let configure = |limit: &str| {
        let text = format!(
            "test_command = 'sh tests.sh $LISTOPT'\ntest_list_option = '--list'\ntest_timeout = '{limit}'\n\
             record_environment = ['MARK', 'NOT_SET_ANYWHERE']\n[environment]\nOPEN = '1'\n\
             SECRET = {{ command = 'echo hidden' }}\n"
        );
        fs::write(place.path("subunit.toml"), text).unwrap();
    };
    let script = "if [ \"$1\" ]; then s=exists; elif [ -e broken ]; then s=fail; else s=success; fi\n\
                  printf '{\"type\":\"event\",\"test_id\":\"a\",\"status\":\"%s\",\"runnable\":true,\"eof\":false}\\n' $s\n";
    fs::write(place.path("tests.sh"), script).unwrap();
    configure("60s");
    let run =
        |mark: &str| place.command("run --plain").env("MARK", mark).output().unwrap().status.code();
    assert_eq!(run("one"), Some(0));
    fs::write(place.path("broken"), "").unwrap();
    configure("90s");
    assert_eq!(run("two"), Some(1));
    let facts = place.json("history env --json")["facts"].clone();
    let is = |name: &str| {
        let facts = facts.as_array().unwrap().iter();
        facts.clone().find(|fact| fact["name"] == name).map(|fact| fact["is"].clone())
    };
    assert_eq!(is("environment.variables.MARK"), Some("two".into()));
    assert!(is("environment.kernel").is_some() && is("environment.variables.SECRET").is_none());
    let (exit, text, _) = place.say("history env --since-pass a");
    assert_eq!(exit, Some(0));
    assert!(text.starts_with("passed in @1, failed in @2\n"), "{text}");
    assert!(text.contains("configuration.test_timeout  \"60s\" ->  \"90s\"\n"), "{text}");
    assert!(text.contains("environment.variables.MARK") && !text.contains("kernel"), "{text}");
    let (exit, text, _) = place.say("history show @1 --config");
    assert_eq!(exit, Some(0));
    assert!(text.contains("test_timeout = \"60s\"") && text.contains("OPEN"), "{text}");
    let stream = place.command("history show @1 --subunit").output().unwrap().stdout;
    assert!(!(String::from_utf8_lossy(&stream) + &*text).contains("hidden"));
    assert_eq!(place.say("history check").0, Some(0));
    let other = two_runs();
    for (line, wanted) in [
        ("history show @1 --config", "the stream of @1 does not say its configuration"),
        ("history env --since-pass a", "the history does not know that a has failed"),
        ("history env --since-pass x", "the history does not know that x has failed"),
        ("history env @9", "there is no run @9"),
    ] {
        let (exit, text, said) = other.say(line);
        assert_eq!((exit, &*text, said.lines().count()), (Some(2), "", 1), "{line}: {said}");
        assert!(said.contains(wanted), "{line}: {said}");
    }
}

#[test]
fn what_is_installed_is_kept_once_and_told_where_it_is_different() {
    let place = Place::new();
    let line = "printf '{\"type\":\"event\",\"test_id\":\"a\",\"status\":\"%s\",\"runnable\":true,\"eof\":false}\\n' $(cat status)";
    fs::write(place.path("subunit.toml"), format!("test_command = '''{line}'''\n")).unwrap();
    let packages = place.path(".venv/lib/python3.11/site-packages");
    fs::create_dir_all(&packages).unwrap();
    fs::write(place.path(".venv/pyvenv.cfg"), "").unwrap();
    let run = |status: &str, version: &str, lock: &str| {
        fs::write(place.path("status"), status).unwrap();
        let name = packages.join(format!("pytest-{version}.dist-info"));
        fs::create_dir(&name).unwrap();
        fs::write(place.path("Cargo.lock"), lock).unwrap();
        let mut run = place.command("run --plain");
        let exit = run.env_remove("VIRTUAL_ENV").output().unwrap().status.code();
        fs::remove_dir(name).unwrap();
        exit
    };
    assert_eq!(run("success", "8.0", "one"), Some(0));
    assert_eq!(run("success", "8.0", "one"), Some(0));
    assert_eq!(run("fail", "8.1", "two"), Some(1));
    let (_, text, _) = place.say("history env @1");
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert!(text.lines().any(|line| words(line) == ["installed.python", "1"]), "{text}");
    let (exit, text, _) = place.say("history env --since-pass a");
    assert_eq!(exit, Some(0));
    let lines: Vec<_> = text.lines().map(words).collect();
    assert!(lines.contains(&words("installed.python.pytest 8.0 -> 8.1")), "{text}");
    assert!(text.contains("installed.lock.Cargo.lock"), "{text}");
    let (exit, text, said) = place.say("history env @2 --since @1");
    assert_eq!((exit, &*text), (Some(0), "@1 to @2\n"), "{said}");
    assert_eq!(place.say("history env @3 --since @1").1.lines().count(), 3);
    let json = place.json("history env @3 --json");
    let facts = json["facts"].as_array().unwrap();
    assert!(
        facts.iter().any(|fact| fact["name"] == "installed.python.pytest" && fact["is"] == "8.1")
    );
    assert_eq!(place.say("history check").0, Some(0));
    assert_eq!(place.say("history reindex").0, Some(0));
    assert_eq!(place.say("history check").0, Some(0));
    // Where no run is kept nothing is looked for.
    let output = place.command("run --no-history --subunit").output().unwrap();
    let has = |stream: &[u8]| stream.windows(9).any(|bytes| bytes == b"installed");
    assert!(
        !has(&output.stdout)
            && has(&place.command("history show @1 --subunit").output().unwrap().stdout)
    );
}

#[test]
fn tests_fail_by_the_policies_of_the_configuration() {
    let place = Place::new();
    let configure = |policies: &str| {
        fs::write(place.path("subunit.toml"), format!("test_command = 'true'\n{policies}\n"))
            .unwrap();
    };
    configure("");
    for tests in ["a! b! c.", "a. b! c.", "a! b. c!"] {
        place.say_to("load", &stream(tests));
    }
    assert_eq!(place.say("failing --list").1, "a\nc\n");
    let (exit, _, said) = place.say("failing --policy");
    assert_eq!((exit, said.lines().count()), (Some(2), 1), "{said}");
    assert!(said.contains("there is no [[policy]] in the subunit.toml"), "{said}");
    configure("[[policy]]\nfail = '2 of 3'\n[[policy]]\ntests = 'b'\nfail = '2 of 3'\nclear = 1\n");
    let (exit, text, _) = place.say("failing --policy --list");
    assert_eq!((exit, &*text), (Some(1), "a\n"));
    configure("[[policy]]\ntests = '[bc]'\nfail = '2 of 3'\n");
    assert_eq!(place.say("failing --policy --list").1, "a\nb\n");
    let json = place.json("failing --policy --json");
    assert_eq!(
        (&json["tests"][1]["test"], &json["tests"][1]["status"]),
        (&"b".into(), &"success".into())
    );
    configure("[[policy]]\nfail = '3 of 3'");
    assert_eq!(place.say("failing --policy").0, Some(0));
    configure("[[policy]]\nfail = '4 of 3'");
    let (exit, _, said) = place.say("failing --policy");
    assert_eq!(exit, Some(2));
    assert!(said.contains("subunit.toml:3: policy.fail: must be `N of M`"), "{said}");
}
