package c

import "testing"

func TestC(t *testing.T) { C(3) }
func TestD(t *testing.T) { C(1) }
func TestE(t *testing.T) { t.Fatal("no") }
