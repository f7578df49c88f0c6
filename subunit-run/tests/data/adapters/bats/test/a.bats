@test "passes" { true; }
@test "fails: 100% (x+y)" {
    echo said here
    false
}
@test 'skipped' { skip "not now"; }
