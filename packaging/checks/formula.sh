# The Homebrew formula. Homebrew itself is not asked for.
need ruby ruby
formula=$(made subunit-cli.rb)
expect 0 "Syntax OK" ruby -c "$formula"
grep -q "version \"$version\"" "$formula" || fail "it does not say version $version"
if grep -q '@[A-Z]*@' "$formula"; then fail "a place of the template is not filled"; fi
archives=0
while read -r word quoted; do
    value=${quoted//\"/}
    case $word in
        url) name=${value##*/} ;;
        sha256)
            echo "$value  $(made "$name")" | sha256sum --check --quiet --strict || fail "the sum of $name is wrong"
            archives=$((archives + 1))
            ;;
    esac
done < <(sed 's/^ *//' "$formula")
[ "$archives" -gt 0 ] || fail "it names no archive"
