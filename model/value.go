package model

import (
	"math"
	"strconv"
	"time"
)

// Never is the length of a time that does not end.
const Never = time.Duration(math.MaxInt64)

// Add is a + b, staying at [Never] where either is Never or the sum overflows.
// Neither may be negative.
func Add(a, b time.Duration) time.Duration {
	if a == Never || b == Never || a > Never-b {
		return Never
	}
	return a + b
}

// A Kind says what sort of value a [Value] holds.
type Kind uint8

// The kinds of value.
const (
	Unset   Kind = iota // nothing is set here: a default or a fallback applies
	Unknown             // it has a value that nobody has documented or measured
	Off                 // the feature is switched off
	On                  // the feature is switched on
	Forever             // a time that does not end, or a count without limit
	Span                // a length of time
	Count               // a number of things
	Rate                // a number of things per second
)

// A Value is one setting's value. The zero Value is unset. Values compare
// with ==. A native 0 never becomes a Value as it stands: [Param.Parse]
// resolves it to what it means for that parameter.
type Value struct {
	Kind Kind
	n    int64
}

// Values without a number.
var (
	ValueUnset   = Value{}
	ValueUnknown = Value{Kind: Unknown}
	ValueOff     = Value{Kind: Off}
	ValueOn      = Value{Kind: On}
	ValueNever   = Value{Kind: Forever}
)

// For is a span of d, which is not negative. [Never] becomes [ValueNever].
func For(d time.Duration) Value {
	if d == Never {
		return ValueNever
	}
	return Value{Kind: Span, n: int64(d)}
}

// Times is a count of n, which is not negative.
func Times(n int64) Value { return Value{Kind: Count, n: n} }

// PerSecond is a rate of f per second, kept to a millionth; f is not negative.
func PerSecond(f float64) Value { return Value{Kind: Rate, n: int64(math.Round(f * 1e6))} }

// Switch is [ValueOn] or [ValueOff].
func Switch(on bool) Value {
	if on {
		return ValueOn
	}
	return ValueOff
}

// Duration is the length of a span, [Never] for a value without end, and false
// for anything else.
func (v Value) Duration() (time.Duration, bool) {
	switch v.Kind {
	case Span:
		return time.Duration(v.n), true
	case Forever:
		return Never, true
	default:
		return 0, false
	}
}

// Count is the number of a count and false for anything else.
func (v Value) Count() (int64, bool) { return v.n, v.Kind == Count }

// PerSecond is the number per second of a rate and false for anything else.
func (v Value) PerSecond() (float64, bool) { return float64(v.n) / 1e6, v.Kind == Rate }

// IsSet reports whether the value says anything at all.
func (v Value) IsSet() bool { return v.Kind != Unset }

// String is the value as [ParseValue] reads it back: 1m5s, 100, on, off,
// never, unset, unknown.
func (v Value) String() string {
	switch v.Kind {
	case Unset:
		return "unset"
	case Unknown:
		return "unknown"
	case Off:
		return "off"
	case On:
		return "on"
	case Forever:
		return "never"
	case Span:
		return FormatSpan(time.Duration(v.n))
	case Count:
		return strconv.FormatInt(v.n, 10)
	case Rate:
		return decimal(float64(v.n)/1e6, 6, "")
	}
	return "unset"
}

// Human is the value as a person reads it beside its unit: 65 s, 100, on.
func (v Value) Human() string {
	if d, ok := v.Duration(); ok {
		return HumanSpan(d)
	}
	return v.String()
}
