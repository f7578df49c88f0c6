//! Several histories on one server.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::path::Path;

use serde_json::Value as Json;
use subunit_core::Status::{Fail, Success};
use support::{Answer, Served, add_run, serve, stream};
use tempfile::{TempDir, tempdir};

/// Folders of two histories: one with a run that failed, one with two runs that passed.
fn places() -> (TempDir, TempDir) {
    let (app, web) = (tempdir().unwrap(), tempdir().unwrap());
    add_run(app.path(), "main", 0, &[("a", Success, ""), ("b", Fail, "b broke")]);
    add_run(web.path(), "next", 0, &[("c", Success, "")]);
    add_run(web.path(), "next", 100, &[("c", Success, "")]);
    (app, web)
}

fn project(name: &str, folder: &Path) -> String {
    format!("--project={name}={}", folder.display())
}

fn start(places: &(TempDir, TempDir), options: &[&str]) -> Served {
    let (app, web) = (project("app", places.0.path()), project("web", places.1.path()));
    Served::by(&mut serve(&[&[&*app, &*web, "--listen", "127.0.0.1:0"], options].concat()))
}

fn json_of(answer: &Answer) -> Json {
    assert_eq!(answer.status, 200, "{answer:?}");
    serde_json::from_str(&answer.body).unwrap()
}

#[test]
fn all_pages_of_all_projects_are_reached_from_the_first_one() {
    let places = places();
    let served = start(&places, &[]);
    let seen = served.crawl();
    for wanted in [
        "/p/app/",
        "/p/web/",
        "/p/app/series/main",
        "/p/web/grid/next",
        "/p/app/test/main?id=b",
        "/p/web/style.css",
        "/style.css",
    ] {
        assert!(seen.contains_key(wanted), "{wanted}: {:?}", seen.keys());
    }
    let first = &seen["/"].body;
    assert!(first.contains("2 tests, 1 bad") && first.contains("1 test, 0 bad"), "{first}");
    assert!(!first.contains("action=\"search\""), "there is nothing to search: {first}");
    assert!(seen["/p/app/"].body.contains("<h1>app</h1>"), "{}", seen["/p/app/"].body);
    assert!(!seen["/p/app/"].body.contains("next"), "{}", seen["/p/app/"].body);
    // Without the slash, links would lead elsewhere.
    let bare = served.get("/p/app");
    assert_eq!((bare.status, bare.header("location")), (308, Some("/p/app/")));
    for path in ["/p/", "/p/none/", "/series/main", "/p/app/series/next", "/api/v1/runs"] {
        let answer = served.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.header("content-security-policy").is_some(), "{path}");
    }
    // A program is told as programs are, also of a project that there is not.
    for path in ["/p/none/api/v1/runs", "/p/app/api/v1/none", "/api/v1/runs"] {
        let answer = served.get(path);
        assert_eq!(answer.status, 404, "{path}");
        let said: Json = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(said["error"]["code"], "no_route", "{path}");
    }
}

#[test]
fn addresses_in_answers_begin_with_the_project() {
    let places = places();
    let served = start(&places, &[]);
    let page = served.get("/p/web/api/v1/runs?limit=1");
    let next = page.header("link").unwrap();
    assert!(next.starts_with("</p/web/api/v1/runs?limit=1&cursor="), "{next}");
    let next = next[1..].split('>').next().unwrap();
    assert_eq!(json_of(&served.get(next))["runs"].as_array().unwrap().len(), 1);
    let document = json_of(&served.get("/p/web/api/v1/openapi.json"));
    assert_eq!(document["servers"][0]["url"], "/p/web/");
    let sent = served.send("POST", "/p/app/api/v1/runs", &[], &stream(500, &[("d", Success, "")]));
    assert_eq!(sent.status, 201, "{sent:?}");
    let place = sent.header("location").unwrap();
    assert!(place.starts_with("/p/app/api/v1/runs/"), "{place}");
    assert_eq!(json_of(&served.get(place))["run"]["tests"], 1);
    assert_eq!(json_of(&served.get("/p/web/api/v1/runs"))["runs"].as_array().unwrap().len(), 2);
    let feed = served.get("/p/app/feed.atom").body;
    assert!(!feed.contains("href=\"/"), "{feed}");
}

#[test]
fn a_token_is_good_for_its_project() {
    let places = places();
    let added =
        serve(&["token", "add", "--scope", "write", "--history"]).arg(places.1.path()).output();
    let secret = String::from_utf8(added.unwrap().stdout).unwrap();
    let served = start(&places, &["--require-token"]);
    let bearer = format!("Bearer {}", secret.trim());
    let ask = |path: &str| served.ask("GET", path, &[("Authorization", &bearer)]);
    for path in ["/", "/p/app/", "/p/web/", "/p/app/api/v1/runs"] {
        assert_eq!(served.get(path).status, 401, "{path}");
    }
    for (path, status) in
        [("/", 200), ("/p/web/", 200), ("/p/web/api/v1/runs", 200), ("/p/app/", 401)]
    {
        assert_eq!(ask(path).status, status, "{path}");
    }
    let first = ask("/").body;
    assert!(first.contains("p/web/") && !first.contains("p/app"), "{first}");
    let sent = served.send(
        "POST",
        "/p/app/api/v1/runs",
        &[("Authorization", &bearer)],
        &stream(500, &[("d", Success, "")]),
    );
    assert_eq!(sent.status, 401, "{sent:?}");
}

#[test]
fn a_second_server_of_a_project_says_where_the_first_one_is() {
    let places = places();
    let served = start(&places, &[]);
    let second = serve(&["--history", places.1.path().to_str().unwrap()]).output().unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    let url = format!("answers at http://{}/p/web/: ", served.address);
    assert!(second.status.code() == Some(2) && said.contains(&url), "{said}");
}

#[test]
fn what_is_no_project_is_told_in_one_line() {
    let (app, web) = places();
    let of_app = project("app", app.path());
    for (arguments, wanted) in [
        (&[&*of_app, &project("app", web.path())][..], "another project has this name"),
        (&[&*of_app, &project("web", app.path())], "another project has this history"),
        (&["--project", "a/b=x"], "at most 64 letters"),
        (&["--project", "app"], "say NAME=DIR"),
        (&["--project", "app=nothing"], "nothing: there is no history"),
        (&[&*of_app, "--require-token", "--tokens", "f"], "--tokens"),
    ] {
        let output = serve(arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(wanted) && said.matches('\n').count() == 1, "{wanted}: {said}");
    }
}

#[test]
fn a_page_of_an_error_has_the_style_and_the_links_of_its_place() {
    let places = places();
    let served = start(&places, &[]);
    for (path, up) in
        [("/p/app/nothing", ""), ("/p/app/run/nothing", "../"), ("/p/app/a/b/c", "../../")]
    {
        let page = served.get(path);
        assert_eq!(page.status, 404, "{path}");
        let style = format!("<link rel=\"stylesheet\" href=\"{up}style.css\">");
        assert!(page.body.contains(&style), "{path}: {}", page.body);
        assert!(page.body.ends_with("</html>\n"), "{path}: {}", page.body);
    }
}
