package b

import "testing"

func TestOther(t *testing.T) {}
