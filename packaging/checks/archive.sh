# The archive, and its programs in a root that holds nothing else: no C library, no shell, no /dev, no /tmp.
archive=$(made "subunit-$version-$triple.tar.gz")
tops=$(tar tzf "$archive" | cut -d / -f 1 | sort -u)
[ "$tops" = "subunit-$version-$triple" ] || fail "its one folder is $tops"
owners=$(tar tvzf "$archive" --numeric-owner | awk '{ print $2, $4, $5 }' | sort -u)
[ "$(echo "$owners" | wc -l)" = 1 ] && [ "${owners%% *}" = 0/0 ] || fail "owners and times differ: $owners"

unpack "$work/all"
for file in man/man1/{subunit,subunit-run,subunit-history-show}.1 bash-completion/completions/subunit zsh/site-functions/_subunit \
    fish/vendor_completions.d/subunit.fish doc/subunit/{README.md,LICENSE-APACHE,LICENSE-BSD,THIRD-PARTY.txt}; do
    [ -s "$work/all/share/$file" ] || fail "share/$file is missing or empty"
done
grep -q until-failure "$work/all/share/fish/vendor_completions.d/subunit.fish" || fail "the completions do not know the options of subunit run"
bash -n "$work/all/share/bash-completion/completions/subunit" || fail "bash cannot read its completions"
grep -q '^serde_json ' "$work/all/share/doc/subunit/THIRD-PARTY.txt" || fail "THIRD-PARTY.txt does not name serde_json"
for program in subunit subunit-run; do
    ! grep -qaF -e "$root/" -e "${CARGO_HOME:-$HOME/.cargo}/" "$work/all/bin/$program" || fail "$program names folders of this machine"
done

mkdir -p "$work/empty/bin" "$work/empty/data"
cp "$work/all/bin/"* "$work/empty/bin"
cp tests/data/mixed.subunit "$work/empty/data"
inside() { timeout -k 2 120 env -i PATH=/bin "$(command -v chroot)" "$work/empty" "$@"; }
expect 0 "subunit $version" inside /bin/subunit --version
expect 0 "subunit $version" inside /bin/subunit-run --version
expect 1 "FAILED  22 tests" inside /bin/subunit stats /data/mixed.subunit
expect 0 "PASSED  1 test" inside /bin/subunit watch -- /bin/subunit output --success one
# `subunit` finds `subunit-run`, which keeps a run: SQLite and zstd work there. A run has a random name, for which it needs a device.
mkdir "$work/empty/dev"
mknod -m 444 "$work/empty/dev/urandom" c 1 9
expect 1 "22 tests, 12 failed" inside /bin/subunit load --history /data/history /data/mixed.subunit
expect 1 "fail  weird_ut" inside /bin/subunit last --history /data/history
