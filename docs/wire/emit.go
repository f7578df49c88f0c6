// Writes events of subunit version 2 to standard output.
package main

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"strings"
	"time"
)

const (
	inprogress, success, skip, fail = 2, 3, 5, 6
)

func number(n int) []byte {
	switch {
	case n < 1<<6:
		return []byte{byte(n)}
	case n < 1<<14:
		return []byte{byte(n>>8) | 0x40, byte(n)}
	case n < 1<<22:
		return []byte{byte(n>>16) | 0x80, byte(n >> 8), byte(n)}
	}
	return binary.BigEndian.AppendUint32(nil, uint32(n)|0xC0000000)
}

func text(s string) []byte { return append(number(len(s)), s...) }

func event(testID string, status uint16, fileName, content string) {
	flags := 0x2B00 | status // version 2, with a test id and a time, runnable
	now := time.Now()
	body := binary.BigEndian.AppendUint32(nil, uint32(now.Unix()))
	body = append(append(body, number(now.Nanosecond())...), text(testID)...)
	if fileName != "" {
		flags |= 0x0050 // with a file, which is whole
		body = append(append(body, text(fileName)...), text(content)...)
	}
	length := len(body) + 8
	for len(number(length)) > length-len(body)-7 {
		length++
	}
	packet := append([]byte{0xB3, byte(flags >> 8), byte(flags)}, number(length)...)
	packet = append(packet, body...)
	os.Stdout.Write(binary.BigEndian.AppendUint32(packet, crc32.ChecksumIEEE(packet)))
}

func main() {
	event("shop.cart", inprogress, "", "")
	event("shop.cart", success, "", "")
	event("shop.checkout", fail, "reason", "total: 41, expected 42: "+strings.Repeat("a book for 20 and a lamp for 21", 2))
	event("shop.search", skip, "reason", "no search engine here")
}
