#!/bin/sh
# Writes events of subunit version 2 to standard output. A packet has less than 16384 bytes.

bytes() { printf '\\0%03o' "$@"; }

number() { if [ "$1" -lt 64 ]; then bytes "$1"; else bytes $((64 | $1 >> 8)) $(($1 & 255)); fi; }

text() {
    number "$(printf %s "$1" | wc -c)"
    printf %s "$1" | od -An -v -to1 | tr -d '\n' | sed 's/ *$//; s/  */\\0/g'
}

event() { # ID STATUS [FILE CONTENT]
    case $2 in exists) status=1 ;; inprogress) status=2 ;; success) status=3 ;; skip) status=5 ;; fail) status=6 ;; esac
    now=$(date +%s)
    body=$(bytes $((now >> 24 & 255)) $((now >> 16 & 255)) $((now >> 8 & 255)) $((now & 255)) 0; text "$1")
    if [ $# -gt 2 ]; then body=$body$(text "$3"; text "$4") status=$((status | 0x50)); fi # with a file, which is whole
    length=$((${#body} / 5 + 7)) # a byte is five characters
    if [ $((length + 1)) -lt 64 ]; then length=$((length + 1)); else length=$((length + 2)); fi
    packet=$(bytes 0xB3 0x2B $status; number $length)$body # version 2, with a test id and a time, runnable
    # shellcheck disable=SC2046 # the checksum is in the last bytes of what gzip writes, the lowest one first
    set -- $(printf %b "$packet" | gzip -c | tail -c 8 | od -An -tu1 -N4)
    printf %b "$packet$(bytes "$4" "$3" "$2" "$1")"
}

event shop.cart inprogress
event shop.cart success
event shop.checkout fail reason 'total: 41, expected 42: a book for 20 and a lamp for 21a book for 20 and a lamp for 21'
event shop.search skip reason 'no search engine here'
