package lib

func Price(n int) int {
	if n > 3 {
		return n * 2
	}
	if n < 0 {
		return 0
	}
	return n
}

func Never() int { return 1 }
