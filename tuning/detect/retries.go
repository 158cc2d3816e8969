package detect

import "time"

// Retries are the values of tcp_retries2 that stand for a time above low, and up to high,
// from the first retransmission on; ok is false where none does. The count is a byte.
func Retries(low, high time.Duration) (first, last int64, ok bool) {
	for n := range int64(256) {
		if limit := modelTimeout(n, rtoUnit, 120*time.Second); limit > low && limit <= high {
			if last = n; !ok {
				first, ok = n, true
			}
		}
	}
	return first, last, ok
}
