package main

// switches is compiled into the package under test: each operator that can be a fault
// asks here whether it is the one of this run, and says that a test came by.
const switches = `package %s

import (
	faultcmp "cmp"
	"io"
	"os"
	"strconv"
	"sync/atomic"
)

var faultSet = func() int { n, _ := strconv.Atoi(os.Getenv("FAULT")); return n }()
var faultLog = func() io.Writer {
	if n := os.Getenv("FAULT_LOG"); n != "" {
		f, _ := os.OpenFile(n, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		return f
	}
	return nil
}()
var faultSeen [%d]atomic.Bool

func faultOn(id int) bool {
	if faultLog != nil && !faultSeen[id].Swap(true) {
		io.WriteString(faultLog, strconv.Itoa(id)+"\n")
	}
	return id == faultSet
}

type faultNumber interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr | ~float32 | ~float64
}

func faultLess[T faultcmp.Ordered](id int, a, b T) bool      { if faultOn(id) { return a <= b }; return a < b }
func faultAtMost[T faultcmp.Ordered](id int, a, b T) bool    { if faultOn(id) { return a < b }; return a <= b }
func faultMore[T faultcmp.Ordered](id int, a, b T) bool      { if faultOn(id) { return a >= b }; return a > b }
func faultAtLeast[T faultcmp.Ordered](id int, a, b T) bool   { if faultOn(id) { return a > b }; return a >= b }
func faultPlus[T faultNumber](id int, a, b T) T              { if faultOn(id) { return a - b }; return a + b }
func faultMinus[T faultNumber](id int, a, b T) T             { if faultOn(id) { return a + b }; return a - b }
func faultTimes[T faultNumber](id int, a, b T) T             { if faultOn(id) { return a / b }; return a * b }
func faultOver[T faultNumber](id int, a, b T) T              { if faultOn(id) { return a * b }; return a / b }
func faultNegative[T faultNumber](id int, a T) T             { if faultOn(id) { return a }; return -a }
`
