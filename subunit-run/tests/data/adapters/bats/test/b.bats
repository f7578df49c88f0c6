name=made
@test "of $name" { true; }
@test "other" { true; }
