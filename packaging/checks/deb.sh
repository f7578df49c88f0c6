# The package of the programs, by dpkg in a clean root, beside Debian's package of a similar name.
deb=$(made "subunit-cli_${version}_$debian.deb")
dpkg-deb --info "$deb" > "$work/info"
files() { dpkg-deb --contents "$1" | awk '{ print $6 }' | grep -v '/$' | sort; }
files "$deb" > "$work/files"
for field in "Package: subunit-cli" "Version: $version" "Architecture: $debian"; do
    grep -q "^ $field\$" "$work/info" || fail "it does not say '$field'"
done
if grep '^ Depends:' "$work/info"; then fail "the programs are static, and need no package"; fi
debian_root bookworm "$work/debian"
cp "$deb" "$work/debian/package.deb"
expect 0 "Setting up subunit-cli" within "$work/debian" dpkg -i /package.deb
expect 0 "subunit $version" within "$work/debian" subunit --version
runs_the_suite "$work/debian"
for file in man/man1/subunit.1.gz bash-completion/completions/subunit doc/subunit-cli/copyright doc/subunit-cli/LICENSE-APACHE; do
    grep -qx "./usr/share/$file" "$work/files" || fail "usr/share/$file is not in it"
done
# Names that Debian's own package has as well would keep people from having both.
(cd "$work" && apt-get download subunit > apt 2>&1) || fail "apt-get cannot download Debian's package: $(tail -n 1 "$work/apt")"
both=$(comm -12 "$work/files" <(files "$work"/subunit_*.deb))
[ -z "$both" ] || fail "Debian's package subunit has these files too: $both"
expect 0 "" within "$work/debian" dpkg --purge subunit-cli
[ ! -e "$work/debian/usr/bin/subunit" ] || fail "dpkg --purge leaves the program"
