//! Python at the leaves: its debugger, and the worker of the examples. Takes python3.

use crate::mux_support::{Running, SUBUNIT, hand_tests_to, tempfile, text_of};

#[test]
fn a_python_debugger_answers_under_its_route() {
    let script = tempfile("pdb.py", "value = 1\nvalue = 2\n");
    let leaf = format!("--run 'exec python3 -m pdb {script}'");
    let middle = format!("exec {SUBUNIT} mux {leaf} {leaf}");
    let mut mux = Running::start(&["--allow-empty", "--run", &middle, "--run", &middle]);
    for route in ["0/0", "0/1", "1/0", "1/1"] {
        mux.until(|seen| text_of(seen, route, "stdout").ends_with("(Pdb) "));
    }
    mux.tell("1/0", b"print(40+2)\n");
    mux.until(|seen| text_of(seen, "1/0", "stdout").ends_with("42\n(Pdb) "));
    for route in ["0/0", "0/1", "1/0", "1/1"] {
        mux.tell(route, b"quit\n");
    }
    mux.close_stdin();
    assert_eq!(mux.end(), Some(0));
}

#[test]
fn the_worker_of_the_examples_takes_tests_while_it_runs() {
    let worker = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/worker.py");
    let leaf = format!("--run 'exec {SUBUNIT} worker -- python3 {worker}'");
    let middle = format!("exec {SUBUNIT} mux {leaf}");
    let mut mux = Running::start(&["--run", &middle]);
    hand_tests_to(&mut mux, "0/0");
}
