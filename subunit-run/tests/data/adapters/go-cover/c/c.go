package c

import "example.com/shop/lib"

func C(n int) int {
	if n > 2 {
		return lib.Price(-n)
	}
	return 0
}
