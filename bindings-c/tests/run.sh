#!/bin/sh
# Tests the C libraries as C and C++ programs see them, and prints what was measured:
#
#   tests/run.sh
#
# Needs cargo, gcc, g++, and from Debian: check libsubunit-dev libcppunit-dev libcppunit-subunit-dev
# libgtest-dev catch2 doctest-dev valgrind pkg-config cmake. As root it installs what is missing. Whatever is
# missing is a failure, and so is anything that does not hold; all parts are run before the script ends.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
top=$(dirname "$here")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failures=0

pass() { echo "ok    $*"; }
fail() { echo "FAIL  $*"; failures=$((failures + 1)); }
is() { # what, found, expected
    if [ "$2" = "$3" ]; then pass "$1: $2"; else fail "$1: found '$2', expected '$3'"; fi
}
run() { # what, command: must succeed
    what=$1
    shift
    if "$@" > "$tmp/log" 2>&1; then pass "$what$(tail -n 1 "$tmp/log" | sed 's/^/: /')"; else
        fail "$what"
        tail -n 20 "$tmp/log"
    fi
}
part() { echo "== $*"; }

part "tools"
packages="check libsubunit-dev libcppunit-dev libcppunit-subunit-dev libgtest-dev catch2 doctest-dev valgrind pkg-config cmake"
missing=$(for package in $packages; do dpkg -s "$package" > /dev/null 2>&1 || echo "$package"; done)
if [ -n "$missing" ] && [ "$(id -u)" = 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } > "$tmp/apt" 2>&1 ||
        tail -n 5 "$tmp/apt"
    missing=$(for package in $packages; do dpkg -s "$package" > /dev/null 2>&1 || echo "$package"; done)
fi
[ -z "$missing" ] || { fail "packages are missing:" $missing; exit 1; }
for tool in cargo gcc g++ valgrind pkg-config cmake nm readelf script setarch timeout; do
    command -v "$tool" > /dev/null || { fail "$tool is missing"; exit 1; }
done
pass "all there"

part "build and install"
inst=$tmp/inst
lib=$inst/lib
run "install.sh" "$top/install.sh" --prefix "$inst" --drop-in
cargo build --quiet --manifest-path "$top/Cargo.toml" --example stream-facts || { fail "stream-facts"; exit 1; }
facts=${CARGO_TARGET_DIR:-$top/../target}/debug/examples/stream-facts
[ -e "$lib/libsubunit2.so" ] && [ -x "$facts" ] || { fail "nothing was built"; exit 1; }
fact() { sed -n "s/^$2 //p" "$1"; } # file, name
soname() { readelf -d "$1" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p'; }
is "soname of the new library" "$(soname "$lib/libsubunit2.so")" libsubunit2.so.0
is "soname of the drop-in" "$(soname "$lib/libsubunit.so")" libsubunit.so.0
system=$(ldconfig -p | sed -n 's/.*libsubunit\.so\.0 .*=> //p' | head -n 1)
is "the system's old library is the old one" "$(nm -D --defined-only "$system" | grep -c subunit_)" 6

run "a packager's install" env DESTDIR="$tmp/dest" "$top/install.sh" --prefix /usr --libdir /usr/lib64
is "has the new library only, for /usr" \
    "$(cd "$tmp/dest/usr/lib64" && echo *.so* && sed -n 's/^libdir=//p' pkgconfig/libsubunit2.pc)" \
    "libsubunit2.so libsubunit2.so.0 libsubunit2.so.0.1.0
/usr/lib64"

flags="-Wall -Wextra -Wpedantic -Werror -g -D_GNU_SOURCE -I$inst/include"
link="-L$lib -Wl,-rpath,$lib -lsubunit2"
cd "$tmp" || exit 1

part "the header"
for mode in c99 c11 c17; do
    # shellcheck disable=SC2086
    run "header as $mode" gcc -std=$mode $flags "$here/c/header.c" -o header $link
done
for mode in c++11 c++14 c++17 c++20; do
    # shellcheck disable=SC2086
    run "header as $mode" g++ -std=$mode $flags -x c++ "$here/c/header.c" -o header $link
    echo '#include <subunit.hpp>' > wrapper.cpp
    echo '#include <subunit/listener.hpp>' >> wrapper.cpp
    # shellcheck disable=SC2086
    run "C++ wrapper as $mode" g++ -std=$mode $flags -c wrapper.cpp
done
run "the program built from it" ./header
# shellcheck disable=SC2086
gcc -std=c11 $flags "$here/c/abi.c" -o abi $link && ./abi > abi.out
run "sizes and offsets in C are those of abi.txt" cmp abi.out "$here/abi.txt"
run "and in Rust" sh -c "cargo test --quiet --manifest-path '$top/Cargo.toml' abi 2>&1 | grep '1 passed'"
for name in subunit2 subunit; do
    nm -D --defined-only "$lib/lib$name.so" | awk '{print $2" "$3}' > "symbols-$name"
    run "symbols of lib$name.so: $(wc -l < "symbols-$name")" cmp "symbols-$name" "$here/symbols-$name.txt"
done
declared() { gcc -E -P "$1" -I"$inst/include" | tr '\n' ' ' | grep -o 'subunit_[a-z_]*(' | tr -d '(' | sort -u; }
declared "$inst/include/subunit.h" > declared
awk '{print $2}' symbols-subunit2 | sort > exported
run "subunit.h declares what is exported" cmp declared exported
declared "$inst/include/subunit/child.h" > declared
awk '{print $2}' symbols-subunit | sort > exported
run "child.h declares what is exported" cmp declared exported

part "1. programs that are not rebuilt"
programs="basic nofork printing suites longname"
for name in $programs; do
    # shellcheck disable=SC2046
    gcc -o "check_$name" "$here/programs/check_$name.c" $(pkg-config --cflags --libs check) || fail "check_$name"
done
g++ -o cppunit_sample "$here/programs/cppunit_sample.cpp" -lcppunit_subunit -lsubunit -lcppunit || fail cppunit_sample
gcc -o old_api "$here/c/old_api.c" -lsubunit || fail old_api
same=0 cases=0
compare() { # how stdout is connected, command
    how=$1
    shift
    for which in old new; do
        path=
        [ $which = new ] && path=$lib
        case $how in
            pipe) { LD_LIBRARY_PATH=$path "$@" 2> $which.err; echo $? > $which.status; } | cat > $which.out ;;
            file) LD_LIBRARY_PATH=$path "$@" > $which.out 2> $which.err; echo $? > $which.status ;;
            full) : > $which.out; LD_LIBRARY_PATH=$path "$@" > /dev/full 2> $which.err; echo $? > $which.status ;;
            closed) : > $which.out; LD_LIBRARY_PATH=$path "$@" >&- 2> $which.err; echo $? > $which.status ;;
        esac
    done
    cases=$((cases + 1))
    if cmp old.out new.out && cmp old.err new.err && cmp old.status new.status; then same=$((same + 1)); else
        echo "differs: $how $*"
    fi
}
for how in pipe file; do
    for name in basic printing suites longname; do compare $how "./check_$name"; done
    compare $how ./check_nofork nofork
    compare $how ./check_suites nofork
    compare $how ./cppunit_sample
    compare $how ./old_api
done
for how in full closed; do
    compare $how ./check_basic
    compare $how ./old_api
done
is "v1 is the same byte for byte, stderr and exit status too" "$same of $cases" "$cases of $cases"
printed=$(LD_LIBRARY_PATH=$lib ./old_api exit)
is "progress is out before _exit" "$printed" "progress: 3"

v2() { # name, tests, command: all of them finish under the id they started with
    name=$1 tests=$2
    shift 2
    SUBUNIT_PROTOCOL=2 LD_LIBRARY_PATH=$lib "$@" 2> /dev/null | "$facts" > v2
    is "v2 $name: finished, unfinished, damaged, without a time" \
        "$(fact v2 finished) $(fact v2 unfinished) $(fact v2 damaged) $(fact v2 without-time)" "$tests 0 0 0"
}
v2 basic 18 ./check_basic
v2 nofork 6 ./check_nofork nofork
v2 suites 4 ./check_suites
v2 printing 9 ./check_printing
v2 "ids that Check cuts" 4 ./check_longname
v2 "CppUnit's old listener" 17 ./cppunit_sample
v2 "every old call" 18 ./old_api
is "v2 ids that are not UTF-8" "$(SUBUNIT_PROTOCOL=2 LD_LIBRARY_PATH=$lib ./old_api 2> /dev/null |
    "$facts" --events | grep -cF '"na\\xefve latin-1 \\xff"')" 10
is "v2 attachments of every old call" "$(fact v2 attachments)" 10
LD_LIBRARY_PATH=$lib SUBUNIT_PROTOCOL=2 SUBUNIT_OUTPUT=to_path ./check_basic > to_stdout
"$facts" < to_path > v2
is "SUBUNIT_OUTPUT: finished there, events on stdout" "$(fact v2 finished) $("$facts" < to_stdout | sed -n 's/^packets //p')" "18 0"
mkfifo fifo
"$facts" < fifo > v2 &
LD_LIBRARY_PATH=$lib SUBUNIT_PROTOCOL=2 SUBUNIT_OUTPUT=fifo ./check_suites > /dev/null
wait $!
is "SUBUNIT_OUTPUT to a FIFO" "$(fact v2 finished)" 4
LD_LIBRARY_PATH=$lib SUBUNIT_PROTOCOL=two ./old_api > bad.out 2> bad.err
./old_api > old.out 2> old.err
is "an unknown protocol is 1, and a line on stderr" \
    "$(cmp old.out bad.out && grep -c 'SUBUNIT_PROTOCOL is neither' bad.err)" 1
LD_LIBRARY_PATH=$lib SUBUNIT_OUTPUT=/nonexistent/x ./old_api > bad.out 2> bad.err
is "an output that cannot be opened is stdout, and a line on stderr" \
    "$(cmp old.out bad.out && grep -c 'SUBUNIT_OUTPUT cannot' bad.err)" 1
LD_LIBRARY_PATH=$lib SUBUNIT_PROTOCOL=2 script -qec ./check_suites /dev/null < /dev/null > terminal
is "on a terminal v2 becomes v1" "$(grep -c '^success: ' terminal) $("$facts" < terminal | sed -n 's/^packets //p')" "2 0"
for name in old_threads daemon; do gcc -o $name "$here/c/$name.c" -pthread -lsubunit || fail $name; done
LD_LIBRARY_PATH=$lib SUBUNIT_PROTOCOL=2 SUBUNIT_OUTPUT=threads.stream ./old_threads
"$facts" < threads.stream > v2
is "8 threads begin at once: finished, unfinished, damaged" "$(fact v2 finished) $(fact v2 unfinished) $(fact v2 damaged)" "800 0 0"
LD_LIBRARY_PATH=$lib SUBUNIT_PROTOCOL=2 SUBUNIT_OUTPUT=daemon.stream ./daemon own
"$facts" < daemon.stream > v2
is "a program that closes all descriptors: finished, bytes in its own file" "$(fact v2 finished) $(wc -c < own)" "2 0"
LD_LIBRARY_PATH=$lib
export LD_LIBRARY_PATH
gcc -DNEW_FUNCTIONS -I"$inst/include" -o set_protocol "$here/c/old_api.c" -L"$lib" -lsubunit || fail set_protocol
is "subunit_set_protocol(2)" "$(./set_protocol set 2 2> /dev/null | "$facts" | sed -n 's/^finished //p')" 18
is "the environment has the last word" \
    "$(SUBUNIT_PROTOCOL=1 ./set_protocol set 2 2> /dev/null | "$facts" | sed -n 's/^finished //p')" 0
unset LD_LIBRARY_PATH

part "2. link time"
ours="$lib/pkgconfig"
# shellcheck disable=SC2046
gcc -o linked_shared "$here/programs/check_basic.c" $(PKG_CONFIG_PATH=$ours pkg-config --cflags --libs check) \
    -Wl,--no-as-needed -lsubunit -Wl,-rpath,"$lib" || fail "linking shared"
is "pkg-config, shared: loads" "$(ldd ./linked_shared | sed -n 's/.*libsubunit\.so\.0 => \([^ ]*\).*/\1/p')" "$lib/libsubunit.so.0"
check_a=$(gcc -print-file-name=libcheck_pic.a)
# shellcheck disable=SC2046
gcc -o linked_static "$here/programs/check_basic.c" "$check_a" "$lib/libsubunit.a" -lrt -lm \
    $(PKG_CONFIG_PATH=$ours pkg-config --static --libs-only-l libsubunit | sed 's/-lsubunit//') || fail "linking static"
is "static: needs no libsubunit" "$(readelf -d linked_static | grep -c 'NEEDED.*libsubunit')" 0
./check_basic > old.out
for name in linked_shared linked_static; do
    ./$name > new.out
    run "$name: v1 is the same" cmp old.out new.out
    is "$name: v2 finished" "$(SUBUNIT_PROTOCOL=2 ./$name | "$facts" | sed -n 's/^finished //p')" 18
done
# shellcheck disable=SC2046
gcc -o new_static "$top/examples/write.c" -I"$inst/include" "$lib/libsubunit2.a" \
    $(PKG_CONFIG_PATH=$ours pkg-config --static --libs-only-l libsubunit2 | sed 's/-lsubunit2//') || fail "new static"
# shellcheck disable=SC2046
gcc -o new_shared "$top/examples/write.c" $(PKG_CONFIG_PATH=$ours pkg-config --cflags --libs libsubunit2) \
    -Wl,-rpath,"$lib" || fail "new shared"
for name in new_static new_shared; do
    is "$name by pkg-config: finished" "$(./$name | "$facts" | sed -n 's/^finished //p')" 3
done
run "cmake configures" cmake -S "$here/cmake" -B cmake "-DCMAKE_PREFIX_PATH=$inst"
run "cmake builds" cmake --build cmake
./old_api > old.out 2> /dev/null
for name in old_shared old_static; do
    "cmake/$name" > new.out 2> /dev/null
    run "find_package, $name: v1 is the same" cmp old.out new.out
done
for name in new_shared new_static; do
    is "find_package, $name: finished" "$("cmake/$name" | "$facts" | sed -n 's/^finished //p')" 3
done
is "old and new in one static program: finished" "$(cmake/both_static | "$facts" | sed -n 's/^finished //p')" 2

part "3. four processes on one pipe"
# shellcheck disable=SC2086
gcc -I"$inst/include" -o v2race "$here/programs/v2race.c" $link || fail v2race
./v2race 0 | "$facts" > v2
is "v2race: finished, damaged, bytes of text" "$(fact v2 finished) $(fact v2 damaged) $(fact v2 text)" "80 0 0"
is "v2race: whole messages, their bytes" "$(fact v2 attachments) $(fact v2 content)" "80 8000000"
is "v2race: the longest packet is at most PIPE_BUF" "$([ "$(fact v2 longest)" -le 4096 ] && echo yes)" yes

part "4. memory, threads, fork, signals"
for name in writer parser threads crash memory; do
    # shellcheck disable=SC2086
    run "compile $name" gcc -std=c99 $flags -pthread "$here/c/$name.c" -o $name $link
done
for name in filter read write; do
    # shellcheck disable=SC2086
    run "compile $name" gcc -std=c99 $flags "$top/examples/$name.c" -o "example_$name" $link
done
run "writer" ./writer
run "parser" ./parser
run "more than memory can hold is a code" sh -c 'ulimit -v 300000; exec ./memory'
rm -f shared.stream
run "threads, with forks in the middle" timeout 120 ./threads shared.stream fork
"$facts" < shared.stream > v2
is "their events: finished, unfinished, damaged, text" \
    "$(fact v2 finished) $(fact v2 unfinished) $(fact v2 damaged) $(fact v2 text)" "1650 0 0 0"
./crash | "$facts" --events > v2
is "a SIGSEGV handler reports its test, without memory" \
    "$(grep -c '^event fail "crash.segv" .*caught signal' v2) $(fact v2 unfinished)" "1 0"
is "an example filters, nothing is lost" "$(./example_write | ./example_filter | "$facts" --events | grep -c '"c.parser')" 6

is "an example reads, and tells what fails" "$(./example_write | ./example_read)" "$(./example_write | "$facts" --events | sed -n 's/^event fail "\([^"]*\)".*/failed: \1/p')"

script -qec ./example_write /dev/null < /dev/null > terminal
is "on a terminal the default writer writes lines" "$(tr -d '\r' < terminal | grep -c '^success: parser.empty$')" 1

grind() { # name, command
    name=$1
    shift
    valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect,possible \
        --child-silent-after-fork=yes --log-file=grind.log "$@" > /dev/null 2> grind.err
    status=$?
    is "valgrind, $name: status, lines of complaint" "$status $(grep -cv '^$' grind.log)" "0 0"
    [ $status = 0 ] || tail -n 20 grind.log
}
grind writer ./writer
grind parser ./parser
grind threads ./threads grind.stream
LD_LIBRARY_PATH=$lib grind "drop-in v1" ./old_api
LD_LIBRARY_PATH=$lib SUBUNIT_PROTOCOL=2 grind "drop-in v2" ./old_api
LD_LIBRARY_PATH=$lib grind "drop-in, empty details" ./old_api empty
valgrind -q --error-exitcode=99 ./old_api empty > /dev/null 2>&1
is "valgrind sees what the old library did there" $? 99

sane="-fsanitize=address,undefined -fno-sanitize-recover=all"
for name in writer parser; do
    # shellcheck disable=SC2086
    run "compile $name with sanitizers" gcc -std=c99 $flags $sane "$here/c/$name.c" -o san_$name $link
    run "ASan and UBSan, $name" ./san_$name
done
# shellcheck disable=SC2086
gcc -g $sane -I"$inst/include" -o san_old "$here/c/old_api.c" -L"$lib" -Wl,-rpath,"$lib" -lsubunit || fail san_old
run "ASan and UBSan, drop-in v1" sh -c './san_old > /dev/null'
run "ASan and UBSan, drop-in v2" sh -c 'SUBUNIT_PROTOCOL=2 ./san_old > /dev/null'
# shellcheck disable=SC2086
run "compile threads with TSan" gcc -g -fsanitize=thread $flags "$here/c/threads.c" -o tsan_threads $link
run "compile a race with TSan" gcc -g -fsanitize=thread "$here/c/race.c" -o tsan_race
setarch -R ./tsan_race > tsan.log 2>&1
is "TSan sees a race where there is one" "$(grep -c 'WARNING: ThreadSanitizer: data race' tsan.log | sed 's/[1-9].*/some/')" some
setarch -R ./tsan_threads tsan.stream > tsan.log 2>&1
is "TSan, 8 threads on one writer: status, reports" "$? $(grep -c 'WARNING: ThreadSanitizer' tsan.log)" "0 0"

part "5. C++ frameworks"
# shellcheck disable=SC2086
{
    run "compile the wrapper's example" g++ -std=c++11 $flags "$top/examples/write.cpp" -o wrapper $link
    run "compile gtest" g++ -std=c++14 $flags "$top/examples/gtest.cpp" -o gtest -lgtest -pthread $link
    run "compile catch2" g++ -std=c++11 $flags "$top/examples/catch2.cpp" -o catch2 $link
    run "compile doctest" g++ -std=c++11 $flags "$top/examples/doctest.cpp" -o doctest $link
    run "compile cppunit" g++ -std=c++11 $flags "$top/examples/cppunit.cpp" -o cppunit -lcppunit $link
}
run "the wrapper's example" ./wrapper wrapper.stream
own() { sed -n "s/.*$2.*/\1/p" "$1" | head -n 1; } # file, expression with one group
SUBUNIT_OUTPUT=gtest.stream ./gtest > gtest.out 2> /dev/null
"$facts" < gtest.stream > v2
is "GoogleTest: success, fail (suites too), skip (disabled too)" \
    "$(fact v2 success) $(fact v2 fail) $(fact v2 skip)" \
    "$(own gtest.out '  PASSED  \] \([0-9]*\) test') $(($(own gtest.out '  FAILED  \] \([0-9]*\) test') + $(own gtest.out ' \([0-9]*\) FAILED TEST SUITE'))) $(($(own gtest.out '  SKIPPED \] \([0-9]*\) test') + $(own gtest.out 'YOU HAVE \([0-9]*\) DISABLED')))"
./catch2 > catch2.out 2>&1
./catch2 -r subunit > catch2.stream
"$facts" < catch2.stream > v2
is "Catch2: tests, success, fail or uxsuccess, xfail, text" \
    "$(fact v2 finished) $(fact v2 success) $(($(fact v2 fail) + $(fact v2 uxsuccess))) $(fact v2 xfail) $(fact v2 text)" \
    "$(own catch2.out 'test cases: *\([0-9]*\)') $(own catch2.out 'test cases:.* \([0-9]*\) passed') $(own catch2.out 'test cases:.* \([0-9]*\) failed |') $(own catch2.out 'test cases:.* \([0-9]*\) failed as') 0"
./catch2 -r subunit -o catch2.file
is "Catch2 -o FILE" "$("$facts" < catch2.file | sed -n 's/^finished //p')" "$(fact v2 finished)"
./doctest > doctest.out 2>&1
./doctest -r=subunit > doctest.stream
"$facts" < doctest.stream > v2
is "doctest: success or xfail, fail or uxsuccess, skip" \
    "$(($(fact v2 success) + $(fact v2 xfail))) $(($(fact v2 fail) + $(fact v2 uxsuccess))) $(fact v2 skip)" \
    "$(own doctest.out 'test cases:.* \([0-9]*\) passed') $(own doctest.out 'test cases:.* \([0-9]*\) failed') $(own doctest.out 'test cases:.* \([0-9]*\) skipped')"
./cppunit > cppunit.stream 2> cppunit.out
"$facts" < cppunit.stream > v2
is "CppUnit: tests, one result each" "$(fact v2 finished) $(fact v2 unfinished)" "$(own cppunit.out 'ran \([0-9]*\) tests') 0"

part "6. sizes and costs"
for file in libsubunit2.so libsubunit.so libsubunit2.a; do
    echo "      $file: $(wc -c < "$lib/$file") bytes"
done
echo "      the old libsubunit.so: $(wc -c < "$system") bytes"
gcc -O2 -DOLD -o bench_old "$here/c/bench.c" -lsubunit || fail bench_old
# shellcheck disable=SC2086
gcc -O2 -I"$inst/include" -o bench_new "$here/c/bench.c" $link || fail bench_new
echo "      ns per event, to /dev/null:"
echo "      old library, v1: $(./bench_old 500000)"
echo "      drop-in, v1: $(LD_LIBRARY_PATH=$lib ./bench_old 500000)"
echo "      drop-in, v2: $(LD_LIBRARY_PATH=$lib SUBUNIT_PROTOCOL=2 ./bench_old 500000)"
echo "      subunit_writer: $(./bench_new 500000)"
echo "      subunit_event_encode: $(./bench_new 2000000 encode)"

echo
if [ $failures = 0 ]; then echo "all of it holds"; else echo "$failures do not hold"; exit 1; fi
