//! The adapter of Bazel, with Debian's Bazel: `.ci/runners` says what to install.

use std::fs;

use subunit_core::Status::{Fail, Success as Pass};

use super::runners::{project, run};

#[test]
fn the_build_events_of_bazel_are_the_results_and_its_console_stays() {
    let project = project("bazel");
    let outside = tempfile::tempdir().unwrap();
    // What a workspace of Bazel loads of the network is empty here.
    let here = project.folder().canonicalize().unwrap();
    let instead = fs::read_to_string(here.join("stubs/bazelrc")).unwrap();
    project.write(".bazelrc", &instead.replace("HERE", here.to_str().unwrap()));
    let base = format!("--output_base={}", outside.path().join("base").display());
    let bazel = |options: &[&str], targets: &[&str]| {
        run(&project, &[options, &["--", "bazel", "--batch", &base, "test"], targets].concat())
    };
    let expected =
        [("//shop:passes_test", Pass), ("//shop:fails_test", Fail), ("//shop:breaks_test", Fail)];
    let all = bazel(&[], &["//..."]);
    all.assert_results(&expected);
    let console = all.text("stdout") + &all.text("stderr");
    assert!(console.contains("Executed 3 out of 3 tests"), "{all:?}");
    // What the events repeat of it is told once.
    assert_eq!(console.matches("Executed 3 out of 3 tests").count(), 1, "{all:?}");
    // Only what has not passed runs again.
    let again = bazel(&[], &["//shop:all"]);
    again.assert_results(&expected);
    project.write("list", "//shop:passes_test\n//shop:gone_test\n");
    let some = bazel(&["--load-list", "list"], &["-k", "//..."]);
    let status = |id: &str| some.results.iter().find(|end| end.test_id == id).unwrap().status;
    assert_eq!(
        (status("//shop:passes_test"), status("//shop:gone_test")),
        (Pass, Fail),
        "{some:?}"
    );
    fs::write(project.folder().join("shop/BUILD"), "sh_test(name = 1)\n").unwrap();
    let broken = bazel(&[], &["//..."]);
    assert_eq!((broken.exit, broken.results.is_empty()), (Some(1), false), "{broken:?}");
}
