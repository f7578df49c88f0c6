# The package of the programs, by dpkg in a clean root, beside Debian's package of a similar name.
deb=$(made "subunit-cli_${version}_$debian.deb")
for field in "Package: subunit-cli" "Version: $version" "Architecture: $debian"; do
    dpkg-deb --info "$deb" | grep -q "^ $field\$" || fail "it does not say '$field'"
done
if dpkg-deb --info "$deb" | grep '^ Depends:'; then fail "the programs are static, and need no package"; fi
debian_root bookworm "$work/root"
cp "$deb" "$work/root/package.deb"
expect 0 "Setting up subunit-cli" chroot "$work/root" dpkg -i /package.deb
expect 0 "subunit $version" chroot "$work/root" subunit --version
runs_the_suite "$work/root"
for file in man/man1/subunit.1.gz bash-completion/completions/subunit doc/subunit-cli/copyright doc/subunit-cli/LICENSE-APACHE; do
    dpkg-deb --contents "$deb" | grep -q " ./usr/share/$file\$" || fail "usr/share/$file is not in it"
done
# Names that Debian's own package has as well would keep people from having both.
(cd "$work" && apt-get download subunit > apt 2>&1) || fail "apt-get cannot download Debian's package: $(tail -n 1 "$work/apt")"
files() { dpkg-deb --contents "$1" | awk '{ print $6 }' | grep -v '/$' | sort; }
both=$(comm -12 <(files "$deb") <(files "$work"/subunit_*.deb))
[ -z "$both" ] || fail "Debian's package subunit has these files too: $both"
expect 0 "" chroot "$work/root" dpkg --purge subunit-cli
[ ! -e "$work/root/usr/bin/subunit" ] || fail "dpkg --purge leaves the program"
