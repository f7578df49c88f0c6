# SHA256SUMS is right, and names every file.
sums=$(made SHA256SUMS)
(cd "$dist" && sha256sum --check --quiet --strict SHA256SUMS) || fail "a sum is wrong"
listed=$(sed 's/^[0-9a-f]*  //' "$sums" | sort)
found=$(cd "$dist" && find . -type f ! -name SHA256SUMS -printf '%P\n' | sort)
[ "$listed" = "$found" ] || fail "SHA256SUMS and the folder differ: $(diff <(echo "$listed") <(echo "$found") | tr '\n' ' ')"
