//! What programs are answered, and that the OpenAPI document says so.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{fs, path::Path};

use serde_json::{Value, json};
use subunit_core::Status::{Fail, Skip, Success};
use support::{Answer, Served, add_run, place::Place, stream};

/// Two runs: `b` breaks in the second one, and `c d` is new.
fn place() -> Place {
    let place = Place::new();
    add_run(place.path(), "main", 0, &[("a", Success, ""), ("b", Success, "")]);
    add_run(place.path(), "main", 100, SECOND);
    place
}

const SECOND: &[(&str, subunit_core::Status, &str)] =
    &[("a", Success, ""), ("b", Fail, "b broke"), ("c d", Skip, "")];

fn json_of(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
    serde_json::from_str(&answer.body).unwrap()
}

fn tests(answer: &Answer) -> Vec<String> {
    let all = json_of(answer)["tests"].as_array().unwrap().clone();
    all.iter().map(|test| test["test"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn questions_have_the_answers_of_the_verbs() {
    let place = place();
    let served = Served::start(place.path());
    let ask = |path: &str| json_of(&served.get(&format!("/api/v1/{path}")));
    let failing = ask("failing");
    let b = &failing["tests"][0];
    assert_eq!(failing["version"], 1);
    assert_eq!(
        (&b["test"], &b["since"], &b["message"]),
        (&json!("b"), &json!(2), &json!("b broke"))
    );
    let shown = ask("runs/@last");
    assert_eq!((&shown["run"]["id"], &shown["run"]["verdict"]), (&json!(2), &json!("failed")));
    assert_eq!(shown["failures"][0]["test"], "b");
    assert_eq!(ask("runs/1")["failures"], json!([]));
    assert_eq!(ask("broken")["tests"][0]["last_good"], 1);
    assert_eq!(ask("flaky")["tests"], json!([]));
    assert_eq!(ask("clusters")["clusters"][0]["message"], "b broke");
    assert_eq!(ask("runs/1/clusters")["clusters"], json!([]));
    assert_eq!(ask("grid")["tests"][0]["statuses"], json!(["fail", "success"]));
    assert_eq!(ask("test?id=c%20d")["tests"][0]["runs"][0]["status"], "skip");
    assert_eq!(ask("trends")["weeks"].as_array().unwrap().len(), 1);
    assert_eq!(ask("diff?old=1&new=2")["newly_failing"][0]["test"], "b");
    assert_eq!(ask("diff?old=2&new=1")["fixed"][0]["test"], "b");
    let slowest = served.get("/api/v1/slowest");
    assert_eq!(tests(&slowest).len(), 3, "{slowest:?}");
    assert_eq!(tests(&served.get("/api/v1/runs/1/slowest")).len(), 2);
}

#[test]
fn a_stream_comes_back_as_it_was_received() {
    let place = place();
    let served = Served::start(place.path());
    let answer = served.bytes("GET", "/api/v1/runs/@last/stream");
    assert_eq!(answer, stream(100, SECOND));
    let head = served.ask("HEAD", "/api/v1/runs/@last/stream", &[]);
    assert_eq!(head.header("content-length"), Some(&*answer.len().to_string()), "{head:?}");
}

#[test]
fn pages_of_a_list_follow_each_other() {
    let place = Place::new();
    for second in 0..5 {
        add_run(place.path(), "main", second, &[("a", Success, "")]);
    }
    let served = Served::start(place.path());
    let ids = |answer: &Answer| -> Vec<i64> {
        let runs = json_of(answer)["runs"].as_array().unwrap().clone();
        runs.iter().map(|run| run["id"].as_i64().unwrap()).collect()
    };
    let mut page = served.get("/api/v1/runs?limit=2&series=main");
    assert_eq!(ids(&page), [5, 4]);
    // A run that comes in meanwhile moves no page.
    add_run(place.path(), "main", 9, &[("a", Success, "")]);
    for wanted in [&[3, 2][..], &[1]] {
        let link = page.header("link").unwrap().to_owned();
        let next = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        assert_eq!(next.matches("cursor=").count(), 1, "{next}");
        page = served.get(next);
        assert_eq!(ids(&page), wanted);
    }
    assert_eq!(page.header("link"), None);
    let gone = served.get("/api/v1/runs?cursor=0123");
    assert_eq!((gone.status, &json_of(&gone)["error"]["code"]), (410, &json!("cursor_gone")));
}

#[test]
fn what_has_no_answer_is_told_as_an_object() {
    let place = place();
    let served = Served::start(place.path());
    for (method, path, status, code) in [
        ("GET", "/api/v1/nothing", 404, "no_route"),
        ("GET", "/api", 404, "no_route"),
        ("GET", "/api/v1/runs/99", 404, "no_run"),
        ("GET", "/api/v1/runs/99/stream", 404, "no_run"),
        ("GET", "/api/v1/runs/..%2f..%2fhistory.db/stream", 404, "no_run"),
        ("GET", "/api/v1/runs/%ff", 400, "bad_address"),
        ("GET", "/api/v1/failing?series=nothing", 404, "no_series"),
        ("GET", "/badge/nothing.svg", 404, "no_series"),
        ("GET", "/api/v1/test", 400, "missing_parameter"),
        ("GET", "/api/v1/test?id=", 400, "missing_parameter"),
        ("GET", "/api/v1/test?id=z", 404, "no_test"),
        ("GET", "/api/v1/diff?new=1", 400, "missing_parameter"),
        ("GET", "/api/v1/runs?limit=0", 400, "bad_parameter"),
        ("GET", "/api/v1/runs?limit=1001", 400, "bad_parameter"),
        ("GET", "/api/v1/runs?limit=x", 400, "bad_parameter"),
        ("GET", "/api/v1/runs?limit=1&limit=2", 400, "repeated_parameter"),
        ("GET", "/api/v1/runs?x=1", 400, "unknown_parameter"),
        ("GET", "/api/v1/runs/1?run=2", 400, "unknown_parameter"),
        ("POST", "/api/v1/failing", 405, "not_allowed"),
        ("DELETE", "/api/v1/runs/1", 405, "not_allowed"),
    ] {
        let answer = served.ask(method, path, &[]);
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        let error = &json_of(&answer)["error"];
        assert_eq!(error["code"], code, "{method} {path}");
        assert!(error["message"].as_str().is_some_and(|said| !said.is_empty()), "{path}: {error}");
        assert!(error.get("hint").is_some(), "{path}: {error}");
        assert!(answer.header("content-security-policy").is_some(), "{path}");
        if status == 405 {
            assert_eq!(answer.header("allow"), Some("GET, HEAD"));
        }
    }
    let elsewhere = served.ask("GET", "/api/v1/failing", &[("Host", "example.org")]);
    assert_eq!(elsewhere.status, 421);
    assert_eq!(json_of(&elsewhere)["error"]["code"], "misdirected");
}

#[test]
fn an_answer_is_sent_again_only_if_the_history_has_changed() {
    let place = place();
    let served = Served::start(place.path());
    let first = served.get("/api/v1/failing");
    let tag = first.header("etag").unwrap().to_owned();
    for method in ["GET", "HEAD"] {
        let again = served.ask(method, "/api/v1/failing", &[("If-None-Match", &tag)]);
        assert_eq!((again.status, &*again.body), (304, ""), "{again:?}");
    }
    let head = served.ask("HEAD", "/api/v1/failing", &[]);
    assert_eq!((head.status, &*head.body, head.header("etag")), (200, "", Some(&*tag)));
    add_run(place.path(), "main", 200, &[("b", Success, "")]);
    let new = served.ask("GET", "/api/v1/failing", &[("If-None-Match", &tag)]);
    assert_eq!(new.status, 200);
    assert_eq!(tests(&new), Vec::<String>::new());
}

#[test]
fn a_badge_and_a_feed_say_what_is_broken() {
    let place = place();
    let uuid = add_run(place.path(), "a/b<c>", 300, &[("x&y", Fail, "no")]);
    let served = Served::start(place.path());
    let badge = served.get("/badge/main.svg");
    assert_eq!(badge.header("content-type"), Some("image/svg+xml"));
    assert!(badge.body.contains("<title>main: failed: 1 of 3</title>"), "{}", badge.body);
    for path in ["/badge/a/b%3Cc%3E.svg", "/badge/a%2Fb%3Cc%3E.svg"] {
        let odd = served.get(path);
        assert!(odd.body.contains("a/b&lt;c&gt;") && !odd.body.contains("<c>"), "{}", odd.body);
    }
    let feed = served.get("/feed.atom");
    assert_eq!(feed.header("content-type"), Some("application/atom+xml"));
    assert_eq!(feed.body.matches("<entry>").count(), 2, "{}", feed.body);
    // The last breakage is the first one.
    let title = "<title>x&amp;y is broken since @3 of a/b&lt;c&gt;</title>";
    let at = |text: &str| feed.body.find(text).unwrap_or_else(|| panic!("{text}: {}", feed.body));
    assert!(at(title) < at("<title>b is broken since @2 of main</title>"));
    // Whether it was reached by TLS, or through a proxy, only its reader knows.
    assert!(feed.body.contains(&format!("href=\"run/{uuid}\"")), "{}", feed.body);
    let main = served.get("/feed.atom?series=main");
    assert_eq!(main.body.matches("<entry>").count(), 1, "{}", main.body);
}

#[test]
fn the_document_says_what_is_answered() {
    let place = place();
    let served = Served::start(place.path());
    let document = json_of(&served.get("/api/v1/openapi.json"));
    assert_eq!(document["openapi"], "3.1.0");
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let get = &methods["get"];
        operations.push(get["operationId"].as_str().unwrap().to_owned());
        let mut address = path.replace("{run}", "2").replace("{series}", "main");
        assert!(!address.contains('{'), "{path}");
        let mut sign = '?';
        for parameter in get["parameters"].as_array().unwrap() {
            let name = parameter["name"].as_str().unwrap();
            let value = match name {
                "run" | "old" => "2",
                "new" | "limit" | "runs" | "weeks" | "count" => "1",
                "series" => "main",
                "id" | "text" => "b",
                "cursor" => continue,
                other => panic!("no value for {other} of {path}"),
            };
            let is_in_path = parameter["in"] == "path";
            assert_eq!(is_in_path, path.contains(&format!("{{{name}}}")), "{path}: {name}");
            if !is_in_path {
                address += &format!("{sign}{name}={value}");
                sign = '&';
            }
        }
        let answer = served.get(&address);
        assert_eq!(answer.status, 200, "{address}: {answer:?}");
        let content = get["responses"]["200"]["content"].as_object().unwrap();
        let (kind, said) = content.iter().next().unwrap();
        assert_eq!(answer.header("content-type"), Some(&**kind), "{path}");
        if kind == "application/json" && path != "/api/v1/openapi.json" {
            check(&document, &said["schema"], &json_of(&answer), path);
        }
        let refused = served.get(&format!("{address}{sign}wrong=1"));
        assert_eq!(refused.status, 400, "{path}");
        let error = &document["components"]["schemas"]["Error"];
        check(&document, error, &json_of(&refused), path);
    }
    operations.sort_unstable();
    let all = operations.len();
    operations.dedup();
    assert_eq!((operations.len(), all), (17, 17), "{operations:?}");
}

#[test]
fn the_schemas_are_those_of_the_verbs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| -> Value {
        serde_json::from_slice(&fs::read(folder.join(path)).unwrap()).unwrap()
    };
    let (parts, verbs) = (read("src/api/schemas.json"), read("../docs/schemas/history.json"));
    for (key, schema) in parts["keys"].as_object().unwrap() {
        same(&parts, schema, &verbs["properties"][key], key);
    }
}

/// Whether a schema is the same as one of the verbs, but for descriptions. Tests of all kinds have one schema here.
fn same(parts: &Value, ours: &Value, theirs: &Value, at: &str) {
    let ours = match ours["$ref"].as_str() {
        Some(name) => &parts["schemas"][name.rsplit('/').next().unwrap()],
        None => ours,
    };
    assert_eq!(ours["type"], theirs["type"], "{at}");
    assert_eq!(ours["required"], theirs["required"], "{at}");
    assert_eq!(ours["items"].is_null(), theirs["items"].is_null(), "{at}");
    if !ours["items"].is_null() {
        same(parts, &ours["items"], &theirs["items"], at);
    }
    for (key, theirs) in theirs["properties"].as_object().into_iter().flatten() {
        same(parts, &ours["properties"][key], theirs, &format!("{at}.{key}"));
    }
}

/// Asserts that a value is as its schema says. Keys that it does not name are wrong.
fn check(document: &Value, schema: &Value, value: &Value, at: &str) {
    let schema = match schema["$ref"].as_str() {
        Some(name) => document.pointer(name.strip_prefix('#').unwrap()).unwrap(),
        None => schema,
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let types = &schema["type"];
    let is = |name: &str| {
        types == name || types.as_array().is_some_and(|all| all.contains(&name.into()))
    };
    assert!(is(kind) || kind == "integer" && is("number"), "{at} is {kind}, not {types}");
    for item in value.as_array().into_iter().flatten() {
        check(document, &schema["items"], item, at);
    }
    let Some(object) = value.as_object() else { return };
    for (key, value) in object {
        let known = schema["properties"].get(key);
        let known = known.unwrap_or_else(|| panic!("{at}: {key} is in no schema"));
        check(document, known, value, &format!("{at}.{key}"));
    }
    for key in schema["required"].as_array().into_iter().flatten() {
        assert!(object.contains_key(key.as_str().unwrap()), "{at} has no {key}");
    }
}
