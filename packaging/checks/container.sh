# The Containerfile's steps, as a root file system: FROM scratch, COPY, ENTRYPOINT. The unpacked archive is the context.
file=$(made Containerfile)
unpack "$work/context"
mkdir "$work/image"
while read -r word rest; do
    case $word in
        '' | '#'* | LABEL | org.* | ENV) ;;
        FROM) [ "$rest" = scratch ] || fail "it begins from $rest, which this check does not have" ;;
        COPY)
            read -r from to <<< "$rest"
            mkdir -p "$work/image$to"
            cp -r "$work/context/$from." "$work/image$to"
            ;;
        WORKDIR) mkdir -p "$work/image$rest"; folder=$rest ;;
        ENTRYPOINT) entry=$(echo "$rest" | tr -d '[]"') ;;
        *) fail "this check does not know the step $word" ;;
    esac
done < "$file"
mkdir -p "$work/image/$folder" && cp tests/data/mixed.subunit "$work/image$folder"
inside() { timeout -k 2 120 env -i PATH=/bin "$(command -v chroot)" "$work/image" "$entry" "$@"; }
expect 0 "subunit $version" inside --version
expect 0 "Run tests in parallel" inside run --help
expect 1 "FAILED  22 tests" inside stats "$folder/mixed.subunit"
[ -s "$work/image/share/doc/subunit/LICENSE-APACHE" ] || fail "the image has no licences"
