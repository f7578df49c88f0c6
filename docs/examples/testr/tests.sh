# A suite as testr knows it: lists its tests, or runs those of a list.
tests="shop.cart shop.checkout"
while [ $# -gt 0 ]; do
    case $1 in
        --list)
            for test in $tests; do subunit output --exists "$test"; done
            exit
            ;;
        --load-list)
            tests=$(cat "$2")
            shift
            ;;
    esac
    shift
done
for test in $tests; do
    subunit output --inprogress "$test"
    case $test in
        *checkout) echo "total: 41, expected 42" | subunit output --fail "$test" --attach-file - --file-name reason ;;
        *) subunit output --success "$test" ;;
    esac
done
