# The Nix expression: parsed, and evaluated with functions that return what they are given.
need nix-instantiate nix-bin
expression=$(made subunit-cli.nix)
if grep -q '@[A-Z]*@' "$expression"; then fail "a place of the template is not filled"; fi
export NIX_STATE_DIR="$work/nix" NIX_STORE_DIR="$work/store"
expect 0 "" nix-instantiate --parse "$expression"
of() { # platform, attribute
    nix-instantiate --eval --strict --json -E "
        let package = import $expression {
            stdenvNoCC = { hostPlatform.system = \"$1\"; mkDerivation = given: given; };
            fetchurl = given: given;
            lib.licenses = { asl20 = \"Apache-2.0\"; bsd3 = \"BSD-3-Clause\"; };
        }; in $2" | tr -d '"'
}
[ "$(of "${triple%%-*}-linux" package.version)" = "$version" ] || fail "its version is not $version"
name=$(basename "$(of "${triple%%-*}-linux" package.src.url)")
echo "$(of "${triple%%-*}-linux" package.src.sha256)  $(made "$name")" | sha256sum --check --quiet --strict || fail "the sum of $name is wrong"
if of riscv64-linux package.src > "$work/said" 2>&1; then fail "it has an archive for a platform that has none"; fi
grep -q 'no archive for riscv64-linux' "$work/said" || fail "it does not say which platform has no archive: $(tail -n 1 "$work/said")"
