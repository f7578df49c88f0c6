//! The adapter of ExUnit.

use std::fs;

use subunit_core::Status::{self, Fail, Skip, Success as Pass};

use super::runners::{command, project, run};

const ALL: &[(&str, Status)] = &[
    ("ATest: doctest Shop.add/2 (1)", Pass),
    ("ATest: test passes", Pass),
    ("ATest: test fails \"so\"", Fail),
    ("ATest: test skipped", Skip),
    ("ATest: test group raises", Fail),
    ("ATest: test group made 1: 100%", Pass),
    ("ATest: test group made 2: 100%", Pass),
    ("SetUpTest: test one", Fail),
    ("BTest: test before", Pass),
    ("BTest: test ends its process", Fail),
    ("BTest: test after", Pass),
];

#[test]
fn exunit_runs_batches_and_a_test_that_ends_its_process_is_red() {
    let project = project("exunit");
    let all = run(&project, &["--jobs", "2"]);
    assert!(all.stderr.contains("subunit run: exunit (there is mix.exs)"), "{all:?}");
    all.assert_results(ALL);
    let reason = all.reason("BTest: test ends its process");
    assert!(reason.starts_with("exit status 0 while this test was running"), "{all:?}");
    let shown = command(&project).args(["--no-history", "ATest: test fails"]).output().unwrap();
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(text.contains("(test/a_test.exs:8): Assertion with == failed"), "{text}");
    let words = ["--jobs", "1", "--", "mix", "test", "test/a_test.exs:5", "--max-failures", "1"];
    run(&project, &words).assert_results(&ALL[1..2]);
    let only = run(&project, &["made 2", "--", "mix", "test", "--only", "describe:group"]);
    only.assert_results(&ALL[6..7]);
}

#[test]
fn modules_that_run_side_by_side_are_left_to_one_mix_and_its_formatters_stay() {
    let project = project("exunit");
    for file in ["test/a_test.exs", "test/b_test.exs"] {
        let text = fs::read_to_string(project.folder().join(file)).unwrap();
        project.write(file, &text.replace("use ExUnit.Case\n", "use ExUnit.Case, async: true\n"));
    }
    // One that runs beside the one that ends the process is not blamed.
    let waits = "defmodule CTest do\n  use ExUnit.Case, async: true\n  test \"waits\", do: Process.sleep(100)\nend\n";
    project.write("test/c_test.exs", waits);
    let formatter = "defmodule Own do\n  use GenServer\n  def init(_), do: {:ok, nil}\n\n  \
                     def handle_cast({:suite_finished, _}, _), do: {:noreply, IO.puts(\"own formatter\")}\n  \
                     def handle_cast(_, _), do: {:noreply, nil}\nend\n\n\
                     ExUnit.start(exclude: [:never], formatters: [Own, ExUnit.CLIFormatter])\n";
    project.write("test/test_helper.exs", formatter);
    let all = run(&project, &[]);
    assert!(all.stderr.contains("run side by side"), "{all:?}");
    all.assert_results(&[ALL, &[("CTest: test waits", Pass)]].concat());
    let shown = command(&project)
        .args(["--no-capture", "--no-history", "CTest", "--", "mix", "test", "--formatter", "Own"])
        .output()
        .unwrap();
    let text = String::from_utf8(shown.stderr).unwrap();
    assert!(text.contains("own formatter") && !text.contains("Finished in"), "{text}");
    assert_eq!(shown.status.code(), Some(0), "{text}");
}

#[test]
fn tests_of_elixir_that_cannot_be_loaded_are_told() {
    let project = project("exunit");
    project.write(
        "test/b_test.exs",
        "defmodule BTest do\n  use ExUnit.Case\n  test \"x\", do: gone()\nend\n",
    );
    let broken = run(&project, &[]);
    assert_eq!(broken.exit, Some(1), "{broken:?}");
    assert!(broken.reason("(listing)").contains("undefined function gone/0"), "{broken:?}");
}
