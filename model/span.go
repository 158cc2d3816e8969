package model

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// spanUnits are the units of a written span, longest first.
var spanUnits = []struct {
	name string
	size time.Duration
}{
	{"d", day},
	{"h", time.Hour},
	{"m", time.Minute},
	{"s", time.Second},
	{"ms", time.Millisecond},
	{"us", time.Microsecond},
	{"ns", time.Nanosecond},
}

// FormatSpan writes d so that [ParseSpan] reads the same d back: 1m5s, 2h,
// 1d, 500ms, 0s, never. Parts that are zero are left out.
func FormatSpan(d time.Duration) string {
	switch {
	case d == Never:
		return "never"
	case d == 0:
		return "0s"
	case d < 0:
		return "-" + FormatSpan(-max(d, -math.MaxInt64+1))
	}
	var b strings.Builder
	for _, u := range spanUnits {
		if n := d / u.size; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			d %= u.size
		}
	}
	return b.String()
}

// HumanSpan writes d to be read: 65 s, 500 ms, 3.42 s, 15 m 40 s, 2 h 11 m 15 s,
// 5 d, never. Up to ten minutes it counts in seconds, because that is how
// configurations do. Below ten minutes it keeps milliseconds; above, it rounds
// to the second.
func HumanSpan(d time.Duration) string {
	switch {
	case d == Never:
		return "never"
	case d < 0:
		return "-" + HumanSpan(-max(d, -math.MaxInt64+1))
	case d == 0:
		return "0 s"
	case d < time.Millisecond:
		return decimal(float64(d)/float64(time.Microsecond), 1, " us")
	case d < time.Second:
		return decimal(float64(d)/float64(time.Millisecond), 1, " ms")
	case d < 10*time.Minute:
		return decimal(d.Seconds(), 3, " s")
	}
	d = d.Round(time.Second)
	var room [64]byte
	out := room[:0]
	for _, u := range spanUnits[:4] {
		if n := d / u.size; n > 0 {
			if len(out) > 0 {
				out = append(out, ' ')
			}
			out = append(append(strconv.AppendInt(out, int64(n), 10), ' '), u.name...)
			d %= u.size
		}
	}
	return string(out)
}

// HumanRange writes two spans as one: "5.052 to 5.108 s", and a single one where
// they read the same.
func HumanRange(low, high time.Duration) string {
	l, h := HumanSpan(low), HumanSpan(high)
	if l == h {
		return l
	}
	if number, unit, ok := strings.Cut(l, " "); ok && strings.HasSuffix(h, " "+unit) && strings.Count(h, " ") == 1 {
		l = number // 5.052 to 5.108 s
	}
	return l + " to " + h
}

// decimal writes a number with at most so many decimals, and its unit.
func decimal(f float64, decimals int, unit string) string {
	var room [40]byte
	digits := strconv.AppendFloat(room[:0], f, 'f', decimals, 64)
	if bytes.IndexByte(digits, '.') >= 0 {
		digits = bytes.TrimRight(bytes.TrimRight(digits, "0"), ".")
	}
	return string(append(digits, unit...))
}

// ParseSpan reads a length of time: 65s, 1m5s, 1.5s, 65000ms, 2h, 1d, hh:mm:ss,
// or a bare number counted in unit (which is not zero). Case and inner spaces
// do not matter. Negative and overflowing spans are errors.
func ParseSpan(text string, unit time.Duration) (time.Duration, error) {
	words := strings.Fields(text)
	s := strings.ToLower(strings.Join(words, ""))
	for i := 1; i < len(words); i++ {
		if last := words[i-1][len(words[i-1])-1]; isDecimal(string(last)) && isDecimal(words[i][:1]) {
			return 0, fmt.Errorf("%q is two numbers; write one length of time, such as 1m5s", text)
		}
	}
	if strings.Contains(s, ":") {
		return parseClock(s)
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil && isDecimal(s) {
		return scaleSpan(n, s, unit)
	}
	rest, total := s, time.Duration(0)
	for rest != "" {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789."))
		letters := len(rest[digits:]) - len(strings.TrimLeft(rest[digits:], "abcdefghijklmnopqrstuvwxyzµ"))
		size, known := unitSize(rest[digits : digits+letters])
		n, err := strconv.ParseFloat(rest[:digits], 64)
		if err != nil || !known {
			return 0, fmt.Errorf("%q is not a length of time; write 65, 65s, 1m5s or 65000ms", text)
		}
		part, err := scaleSpan(n, rest[:digits], size)
		if err != nil {
			return 0, err
		}
		if total = Add(total, part); total == Never {
			return 0, errSpanRange(text)
		}
		rest = rest[digits+letters:]
	}
	if s == "" {
		return 0, fmt.Errorf("%q is not a length of time; write 65, 65s, 1m5s or 65000ms", text)
	}
	return total, nil
}

func isDecimal(s string) bool { return strings.Trim(s, "0123456789.") == "" }

func errSpanRange(text string) error {
	return fmt.Errorf("%s is longer than any timer; the longest span is 106751d", text)
}

// scaleSpan multiplies exactly where the number is whole, so that printing and
// parsing stay inverse for spans that a float64 cannot hold.
func scaleSpan(f float64, digits string, unit time.Duration) (time.Duration, error) {
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
		if n > int64(Never-1)/int64(unit) {
			return 0, errSpanRange(digits)
		}
		return time.Duration(n) * unit, nil
	}
	v := f * float64(unit)
	if v >= float64(Never) {
		return 0, errSpanRange(digits)
	}
	return time.Duration(math.Round(v)), nil
}

func unitSize(name string) (time.Duration, bool) {
	switch name {
	case "sec", "secs", "second", "seconds":
		name = "s"
	case "min", "mins", "minute", "minutes":
		name = "m"
	case "hour", "hours":
		name = "h"
	case "day", "days":
		name = "d"
	case "µs":
		name = "us"
	}
	for _, u := range spanUnits {
		if u.name == name {
			return u.size, true
		}
	}
	return 0, false
}

// parseClock reads hh:mm:ss as IIS writes it, hours up to any number.
func parseClock(s string) (time.Duration, error) {
	parts := strings.Split(s, ":")
	total := time.Duration(0)
	for i, part := range parts {
		n, err := strconv.ParseInt(part, 10, 32)
		if err != nil || n < 0 || len(parts) != 3 || i > 0 && n > 59 {
			return 0, fmt.Errorf("%q is not a time of the form hh:mm:ss, such as 00:02:00", s)
		}
		total = total*60 + time.Duration(n)*time.Second
	}
	return total, nil
}
