package lib

import "testing"

func TestBig(t *testing.T)   { Price(4) }
func TestSmall(t *testing.T) { Price(1) }
