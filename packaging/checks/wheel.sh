# The Python wheel, by pip in a fresh environment that reaches no index.
wheels=("$dist"/subunit_cli-"$version"-py3-none-*"${triple%%-*}".whl)
wheel=$(made "$(basename "${wheels[0]}")")
python3 -m venv "$work/venv" || fail "python3 has no venv: install python3-venv"
expect 0 "Successfully installed subunit-cli-$version" "$work/venv/bin/pip" install --no-index "$wheel"
expect 0 "subunit $version" "$work/venv/bin/subunit" --version
expect 0 "Version: $version" "$work/venv/bin/pip" show subunit-cli
cp -r docs/examples/shop "$work/shop"
expect 1 "FAILED  4 tests" env -C "$work/shop" PATH=/usr/bin:/bin "$work/venv/bin/subunit" run -- tests.d
# Every file is recorded, with a sum that is right, and the licences go along.
python3 - "$wheel" <<'PYTHON' || fail "RECORD is wrong"
import base64, csv, hashlib, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
names = set(wheel.namelist())
record = next(name for name in names if name.endswith(".dist-info/RECORD"))
rows = {name: digest for name, digest, _ in csv.reader(wheel.read(record).decode().splitlines())}
assert set(rows) == names, set(rows) ^ names
for name in names - {record}:
    digest = base64.urlsafe_b64encode(hashlib.sha256(wheel.read(name)).digest()).rstrip(b"=").decode()
    assert rows[name] == f"sha256={digest}", name
metadata = wheel.read(record.replace("RECORD", "METADATA")).decode()
assert "\nLicense-Expression: Apache-2.0 OR BSD-3-Clause\n" in metadata, metadata
assert any(name.endswith(".dist-info/licenses/LICENSE-APACHE") for name in names), names
PYTHON
expect 0 "Successfully uninstalled" "$work/venv/bin/pip" uninstall --yes subunit-cli
[ ! -e "$work/venv/bin/subunit" ] || fail "pip leaves the program"
