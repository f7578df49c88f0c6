#!/bin/sh
# A worker for `subunit run`, to copy: its tests are the files test-*.sh. docs/workers.md says what a worker does.
#
#   test_command = "sh ./worker.sh $LISTOPT"
#   test_list_option = "--list"
#   incremental = true
#   console = true
set -u

# One event a line. Packets and the formats of test runners are read as well.
say() {
    printf '{"type":"event","test_id":"%s","status":"%s"}\n' "$1" "$2" >&"${SUBUNIT_RESULT_FD:-1}"
}

if [ "${1-}" = --list ]; then
    for test in test-*.sh; do say "$test" exists; done
    exit
fi

# One id a line. The next one comes when the test before has ended.
while read -r test <&"$SUBUNIT_TEST_FD"; do
    say "$test" inprogress
    if sh "./$test" < /dev/null; then say "$test" success; else say "$test" fail; fi
done
