package model

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A ParamID names a parameter: SYSTEM.NAME, or SYSTEM.upstream.NAME for the
// client face of a product that also has a server face.
type ParamID string

// System is the part before the first dot.
func (id ParamID) System() SystemID {
	system, _, _ := strings.Cut(string(id), ".")
	return SystemID(system)
}

// Name is the part after the system and the face.
func (id ParamID) Name() string {
	_, name, _ := strings.Cut(string(id), ".")
	return strings.TrimPrefix(name, "upstream.")
}

// face is the part before the name: SYSTEM. or SYSTEM.upstream.
func (id ParamID) face() string { return strings.TrimSuffix(string(id), id.Name()) }

// A Unit is what one step of a bare number means in the native configuration.
type Unit string

// The units. UnitClock is hh:mm:ss, in which a bare number counts seconds.
const (
	UnitMicrosecond Unit = "us"
	UnitMillisecond Unit = "ms"
	UnitSecond      Unit = "s"
	UnitMinute      Unit = "min"
	UnitHalfSecond  Unit = "half-s" // the ticks of NetBSD and AIX
	UnitClock       Unit = "hh:mm:ss"
	UnitCount       Unit = "count"
	UnitSwitch      Unit = "switch"
	UnitRate        Unit = "per second"
)

// Size is the length of one step, and 0 for counts and switches.
func (u Unit) Size() time.Duration {
	switch u {
	case UnitMicrosecond:
		return time.Microsecond
	case UnitMillisecond:
		return time.Millisecond
	case UnitSecond, UnitClock:
		return time.Second
	case UnitMinute:
		return time.Minute
	case UnitHalfSecond:
		return time.Second / 2
	case UnitCount, UnitSwitch, UnitRate:
	}
	return 0
}

// A Zero is what a native 0 means.
type Zero string

// The meanings of zero.
const (
	ZeroOff     Zero = "off"     // the feature is switched off
	ZeroNever   Zero = "never"   // no limit
	ZeroUnset   Zero = "unset"   // as if it were not written: a fallback applies
	ZeroLiteral Zero = "literal" // the number 0
	ZeroInvalid Zero = "invalid" // refused by the product
)

// A Whole is how a program makes whole seconds of a time for the kernel. Such a
// program does not look at what the kernel says: a value that is refused, and
// those that are set after it, stay those of the system.
type Whole string

// The ways.
const (
	WholeAsIs Whole = ""     // not known, or the program looks itself
	WholeDown Whole = "down" // cut: 1.5 s is 1 s, 0.9 s is 0 and refused
	WholeUp   Whole = "up"   // 1.5 s is 2 s
)

// HandOn is what the kernel gets of a socket option's value, and false where it
// refuses that. Without [Param.Whole] the value stands.
func (p *Param) HandOn(v Value) (Value, bool) {
	if p.Whole == WholeAsIs {
		return v, true
	}
	switch v.Kind {
	case Count:
		return v, v.n >= 1 && v.n <= p.Kernel
	case Span:
		d := time.Duration(v.n)
		s := d.Truncate(time.Second)
		if s < d && p.Whole == WholeUp {
			s += time.Second
		}
		return For(s), s >= time.Second && s <= time.Duration(p.Kernel)*time.Second
	default:
		return v, true
	}
}

// A Default is a parameter's default value, and who says so.
type Default struct {
	Value        Value
	Distribution string   // "" upstream, "debian" as packaged
	OS           SystemID // the operating system that it holds on; "" on any other
	OSBefore     Version  // and only before this version of it
	Source       string   // where it can be read: URL, or repository and path
	Seen         string   // date of reading, 2026-11-20
}

// A Spread is how much later than the setting says a timer really ends.
type Spread struct {
	Low, High time.Duration // added to the value; Low below zero is before the time set
	Ratio     float64       // of the value, added to High
	// Step is the time between two looks at the clock, after which all that is due ends at
	// one moment; 0 is an exact timer, or not known.
	Step   time.Duration
	Up     bool // the value is rounded up to whole steps first
	Source string
}

// Around is when a timer of a finite time really ends, at the earliest and at the latest.
func (s Spread) Around(set time.Duration) (low, high time.Duration) {
	if s.Up && s.Step > 0 && set%s.Step > 0 {
		set = Add(set, s.Step-set%s.Step)
	}
	low = max(0, set+s.Low)
	if s.Low > 0 {
		low = Add(set, s.Low)
	}
	return low, Add(set, s.High+time.Duration(s.Ratio*float64(set)))
}

// A Gap is a range of versions: from Since on, up to but not with Before.
type Gap struct{ Since, Before Version }

// A Param is one knob of a system.
type Param struct {
	ID       ParamID
	Name     string // as the product writes it
	Aliases  []string
	Role     Role
	Face     FaceKind // the face it belongs to; SideHost for an operating system's
	Unit     Unit
	Zero     Zero
	Never    string // how the product writes "no limit", when not as 0
	Min, Max int64  // in steps of Unit, both reachable; Max 0 means no limit known
	Fixed    bool   // compiled in or implied: a what-if, not a knob
	Since    Version
	Before   Version  // the first version without it
	Gaps     []Gap    // versions between those that do not have it
	SetSince Version  // the first version in which it can be set; before, as if Fixed
	Fallback ParamID  // what applies while this is unset
	Toward   FaceKind // of a socket option of a middlebox that ends TCP: the end of the path that this socket is towards; else empty
	Needs    ParamID  // an idle timer that runs only while this switch is on
	Unless   ParamID  // what takes the place of this idle timer of a middlebox while it is set
	Follows  []Since[Follow]
	Whole    Whole  // of a socket option whose value the program hands to the kernel, which may refuse it in silence
	Kernel   int64  // the greatest value that Linux takes there; the smallest is 1
	AtOnce   bool   // an age that ends an idle connection by itself, not at its next request
	Checked  bool   // an age that is looked at before a connection is used again, so that a request never meets it
	Resets   bool   // a sign of life that the other side's idle timer counts as traffic
	Sending  bool   // a sign of life that is put off for as long as this side sends, not only while it receives
	Over     string // the one protocol that has this sign of life (HTTP/2), where the product speaks others, too
	Absent   Value  // what applies while this and its fallback are unset
	Defaults []Since[[]Default]
	Real     []Since[Spread]
	Caps     []Since[bool] // counts as an idle limit of its own at these versions
	Extra    int64         // how many more than the setting are really served
	Where    string        // file and context, or registry key
	Effect   string        // what must happen for a change to take effect
	Text     string        // what it does, in a sentence or two
	Surprise string
}

// Shape is the kind of value the parameter takes.
func (p *Param) Shape() Shape {
	switch p.Unit {
	case UnitCount:
		return ShapeCount
	case UnitSwitch:
		return ShapeSwitch
	case UnitRate:
		return ShapeRate
	default:
		return ShapeSpan
	}
}

// ParseValue reads what a person or a flag says for this parameter: 65, 65s,
// 1m5s, off, never, on. A bare number is in the native unit and a bare 0 means
// what it means to the product. The error is one sentence that names the
// value and what would be right.
func (p *Param) ParseValue(text string) (Value, error) {
	word := strings.ToLower(strings.TrimSpace(text))
	switch word {
	case "unset", "default":
		return ValueUnset, nil
	case "unknown", "":
		return Value{}, fmt.Errorf("%s takes %s, not %q", p.ID, p.Accepts(), text)
	case "never", "none", "infinite", "unlimited", "forever":
		return p.check(ValueNever, text)
	case "off", "no", "false", "disabled":
		return p.check(ValueOff, text)
	case "on", "yes", "true", "enabled":
		return p.check(ValueOn, text)
	}
	if p.Never != "" && word == p.Never {
		return ValueNever, nil
	}
	switch p.Shape() {
	case ShapeSwitch:
		switch word {
		case "0":
			return ValueOff, nil
		case "1":
			return ValueOn, nil
		}
	case ShapeCount:
		if n, err := strconv.ParseInt(word, 10, 64); err == nil && n >= 0 {
			return p.check(Times(n), text)
		}
	case ShapeRate:
		if f, err := strconv.ParseFloat(strings.TrimSuffix(word, "/s"), 64); err == nil && f >= 0 && f <= float64(p.Max) {
			return PerSecond(f), nil
		}
	case ShapeSpan:
		d, err := ParseSpan(word, p.Unit.Size())
		if err == nil {
			return p.check(For(d), text)
		}
	}
	return Value{}, fmt.Errorf("%s takes %s, not %q", p.ID, p.Accepts(), text)
}

// Accepts says in a few words what can be entered.
func (p *Param) Accepts() string {
	var s string
	switch p.Shape() {
	case ShapeSwitch:
		return "on or off"
	case ShapeCount:
		s = "a number"
	case ShapeRate:
		return fmt.Sprintf("a number per second, such as 0.25 or 40, up to %d", p.Max)
	case ShapeSpan:
		s = "a time such as 65, 65s or 1m5s (a bare number is " + p.unitName() + ")"
	}
	if p.Min > 0 || p.Max > 0 {
		s += " from " + p.native(p.Min)
		if p.Max > 0 {
			s += " to " + p.native(p.Max)
		}
	}
	if p.Zero == ZeroOff {
		s += ", or off"
	}
	if p.canBeNever() {
		s += ", or never"
	}
	return s
}

func (p *Param) unitName() string {
	switch p.Unit {
	case UnitMillisecond:
		return "milliseconds"
	case UnitMicrosecond:
		return "microseconds"
	case UnitMinute:
		return "minutes"
	case UnitHalfSecond:
		return "half seconds"
	case UnitSecond, UnitClock, UnitCount, UnitSwitch, UnitRate:
	}
	return "seconds"
}

func (p *Param) native(n int64) string {
	if p.Shape() == ShapeCount {
		return strconv.FormatInt(n, 10)
	}
	if n > int64(Never)/int64(p.Unit.Size()) {
		return "never"
	}
	return FormatSpan(time.Duration(n) * p.Unit.Size())
}

func (p *Param) canBeNever() bool {
	return p.Zero == ZeroNever || p.Never != "" || p.Zero == ZeroUnset && p.Absent == ValueNever
}

// Check reports in one sentence why v cannot be a value of this parameter.
// Unset and unknown values are always possible.
func (p *Param) Check(v Value) error {
	_, err := p.check(v, v.String())
	return err
}

// check resolves a number's zero meaning and holds it against the range.
func (p *Param) check(v Value, text string) (Value, error) {
	refuse := func() (Value, error) {
		return Value{}, fmt.Errorf("%s cannot be %s; it takes %s", p.ID, text, p.Accepts())
	}
	switch v.Kind {
	case Unset, Unknown:
		return v, nil
	case On:
		if p.Shape() == ShapeSwitch {
			return v, nil
		}
		return refuse()
	case Off:
		if p.Shape() == ShapeSwitch || p.Zero == ZeroOff {
			return v, nil
		}
		return refuse()
	case Forever:
		if p.canBeNever() {
			return v, nil
		}
		return refuse()
	case Span:
		if p.Shape() != ShapeSpan {
			return refuse()
		}
		return p.checkNumber(v, refuse)
	case Count:
		if p.Shape() != ShapeCount {
			return refuse()
		}
		return p.checkNumber(v, refuse)
	case Rate:
		if p.Shape() == ShapeRate && v.n <= p.Max*1e6 {
			return v, nil
		}
	}
	return refuse()
}

func (p *Param) checkNumber(v Value, refuse func() (Value, error)) (Value, error) {
	if v.n == 0 {
		switch p.Zero {
		case ZeroOff:
			return ValueOff, nil
		case ZeroNever:
			return ValueNever, nil
		case ZeroUnset:
			return ValueUnset, nil
		case ZeroInvalid:
			return refuse()
		case ZeroLiteral:
			return v, nil
		}
	}
	low, high := p.Range()
	if v.n < low || v.n > high {
		return refuse()
	}
	return v, nil
}

// Range is the smallest and the greatest number that the product takes, in
// nanoseconds for spans; without a known limit the greatest is [Never].
func (p *Param) Range() (low, high int64) {
	size := max(int64(p.Unit.Size()), 1)
	most := (int64(Never) - 1) / size
	low, high = min(p.Min, most)*size, int64(Never)-1
	if p.Max > 0 {
		high = min(p.Max, most) * size
	}
	return low, high
}
