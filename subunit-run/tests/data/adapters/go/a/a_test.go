package a

import (
	"os"
	"testing"
)

func TestPass(t *testing.T) {
	// It runs where go would run it.
	if _, err := os.Stat("a_test.go"); err != nil {
		t.Fatal(err)
	}
}
func TestFail(t *testing.T) { t.Errorf("wanted %d", 1) }
func TestSkip(t *testing.T) { t.Skip("not now") }
func TestSubs(t *testing.T) {
	t.Run("one", func(t *testing.T) {})
	t.Run("two", func(t *testing.T) { t.Error("no") })
}
