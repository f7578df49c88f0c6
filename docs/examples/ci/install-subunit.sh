#!/bin/sh
# Builds the programs once, into a folder that the CI service keeps for the next run.
set -eu
root=${SUBUNIT_ROOT:-$HOME/.subunit}
[ -x "$root/bin/subunit-run" ] ||
    cargo install --locked --root "$root" --git "$SUBUNIT_REPOSITORY" subunit-filters subunit-run
