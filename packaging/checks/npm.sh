# The npm package, in an empty folder and without network.
need npm npm
package=$(made "subunit-cli-npm-$version-$triple.tgz")
mkdir "$work/npm"
npm() { command npm --offline --no-audit --no-fund --cache "$work/cache" --prefix "$work/npm" "$@"; }
export -f npm
export work
says() { tar xzOf "$package" package/package.json; }
if says | grep -E '"scripts"|"dependencies"'; then fail "it runs a script or needs another package"; fi
echo '{"private": true}' > "$work/npm/package.json"
expect 0 "added 1 package" bash -c 'npm install "$0"' "$package"
commands=$work/npm/node_modules/.bin
for name in subunit subunit-cli; do
    expect 0 "subunit $version" "$commands/$name" --version
done
expect 0 "subunit $version" "$commands/subunit-run" --version
cp -r docs/examples/shop "$work/npm/shop"
expect 1 "FAILED  4 tests" env -C "$work/npm/shop" "$commands/subunit" run -- tests.d
npx=(npx --offline --no-install --cache "$work/cache" subunit-cli)
expect 0 "PASSED  1 test" env -C "$work/npm" "${npx[@]}" watch -- "$commands/subunit" output --success one
expect 1 "FAILED  1 test" env -C "$work/npm" "${npx[@]}" watch -- "$commands/subunit" output --fail one
