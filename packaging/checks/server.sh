# The server: its archive, and its package in a clean root of this machine's suite, as it needs a C library as new as that.
archive=$(made "subunit-server-$version-$triple.tar.gz")
for path in bin/subunit-server share/man/man1/subunit-serve.1 lib/systemd/system/subunit-serve.service; do
    expect 0 "/$path" tar tzf "$archive"
done
suite=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
debian_root "$suite" "$work/debian"
for package in subunit-cli subunit-server; do
    cp "$(made "${package}_${version}_$debian.deb")" "$work/debian/$package.deb"
done
expect 1 "depends on subunit-cli" within "$work/debian" dpkg -i /subunit-server.deb
expect 0 "Setting up subunit-server" within "$work/debian" dpkg -i /subunit-cli.deb /subunit-server.deb
expect 0 "Show the history of test runs in a browser" within "$work/debian" subunit --help
# A run, and what the server says of it.
runs_the_suite "$work/debian"
mkfifo "$work/says"
mkdir -p "$work/debian/proc"
# Not by a function, which would be a process between: this one is the one to end.
unshare --mount --pid --fork --kill-child --root="$work/debian" --mount-proc timeout -k 2 120 \
    subunit serve --history /shop/.subunit --listen 127.0.0.1:0 > "$work/says" 2> "$work/complains" &
served=$!
read -r -t 60 address < "$work/says" || fail "the server does not say its address: $(tail -n 1 "$work/complains")"
expect 0 "tests.d/checkout" python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1] + "api/v1/failing", timeout=20).read().decode())' "$address"
kill "$served"
wait "$served" || true
