package detect

import (
	"testing"
	"time"
)

// tcp_retries2 = 15 stands for 924.6 s, 14 for 804.6 s, 2 for 1.4 s.
func TestRetries(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		low, high   time.Duration
		first, last int64
		ok          bool
	}{
		{924599 * ms, 924600 * ms, 15, 15, true},
		{924600 * ms, 924601 * ms, 0, 0, false},
		{924598 * ms, 924599 * ms, 0, 0, false},
		{804600 * ms, 924600 * ms, 15, 15, true},
		{804599 * ms, 924600 * ms, 14, 15, true},
		{1399 * ms, 2999 * ms, 2, 2, true},
		{0, 200 * ms, 0, 0, true},
		{time.Hour * 24, time.Hour * 48, 0, 0, false},
	} {
		first, last, ok := Retries(c.low, c.high)
		if first != c.first || last != c.last || ok != c.ok {
			t.Errorf("above %v up to %v: %d to %d, %v", c.low, c.high, first, last, ok)
		}
	}
}
