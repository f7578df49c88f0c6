# libsubunit2-dev in a clean root with a C compiler: the suite is this machine's, as the library needs its C library.
deb=$(made "libsubunit2-dev_${version}_$debian.deb")
suite=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
debian_root "$suite" "$work/debian" gcc,libc6-dev,pkgconf,make,cmake
cp "$deb" "$work/debian/package.deb"
mkdir "$work/debian/c"
cp bindings-c/examples/write.c packaging/checks/CMakeLists.txt "$work/debian/c"
unpack "$work/debian/usr/local"
expect 0 "Setting up libsubunit2-dev" within "$work/debian" dpkg -i /package.deb
expect 0 "" within "$work/debian" ldconfig
built() { # how, command: builds /c/write, whose stream has to say three tests
    rm -f "$work/debian/c/write"
    expect 0 "" within "$work/debian" sh -ec "cd /c; $2"
    expect 1 "FAILED  3 tests" within "$work/debian" sh -c 'SUBUNIT_OUTPUT=/c/stream /c/write > /dev/null; subunit stats /c/stream'
    rm -f "$work/debian/c/stream"
    echo "  $1"
}
needs() { within "$work/debian" sh -c 'ldd /c/write' | grep -c libsubunit2 || true; }
built "pkg-config, shared" 'gcc write.c $(pkg-config --cflags --libs libsubunit2) -o write'
[ "$(needs)" = 1 ] || fail "the program does not use the shared library"
built "pkg-config, static" 'gcc write.c $(pkg-config --cflags --libs --static libsubunit2 | sed s/-lsubunit2/-l:libsubunit2.a/) -o write'
[ "$(needs)" = 0 ] || fail "the program uses the shared library"
built "CMake" 'cmake -S . -B made && cmake --build made && cp made/write write'
