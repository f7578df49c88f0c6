# The lists of what is in the programs: JSON by the rules of CycloneDX, and every crate that `cargo tree` names is there.
for program in subunit:subunit-filters subunit-run:subunit-run subunit-server:subunit-server; do
    file=$(made "${program%:*}-$version-$triple.cdx.json")
    if grep -F "$root/" "$file"; then fail "$(basename "$file") names folders of this machine"; fi
    cargo tree --locked -p "${program#*:}" --edges normal --target "$triple" --prefix none --format '{p}' |
        awk '{ print $1, substr($2, 2) }' | sort -u > "$work/linked"
    python3 - "$file" "$work/linked" <<'PYTHON' || fail "$(basename "$file") is wrong"
import json, sys
bom = json.load(open(sys.argv[1]))
assert bom["bomFormat"] == "CycloneDX", bom["bomFormat"]
named = {f"{part['name']} {part['version']}" for part in [*bom["components"], bom["metadata"]["component"]]}
linked = set(open(sys.argv[2]).read().splitlines())
assert len(linked) > 20, linked
missing = sorted(linked - named)
assert not missing, f"not named: {missing}"
assert all(part.get("licenses") for part in bom["components"] if part["purl"].startswith("pkg:cargo/")), "a crate has no licence"
print(f"  {len(linked)} crates, {len(named)} named")
PYTHON
done
