package systempage

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// settings are the parameters of a side that a version has.
func settings(s *model.System, side model.FaceKind, at model.Version) []Parameter {
	var out []Parameter
	for _, p := range s.Params {
		if p.Face == side && s.Has(p, at) {
			out = append(out, setting(s, p, at))
		}
	}
	return out
}

func setting(s *model.System, p *model.Param, at model.Version) Parameter {
	d := s.DefaultAt(p, at)
	x := Parameter{Name: clean(p.Name), Default: value(d.Value), Text: clean(p.Text), Surprise: clean(p.Surprise)}
	var f facts
	f.add("called", strings.Join(p.Aliases, ", "))
	f.add("role", p.Role.Title())
	f.add("unit", Unit(p))
	f.add("zero", Zero(p))
	f.add("range", Range(p))
	f.add("never", written(p.Never))
	f.add("unset", unset(p))
	follows, _ := model.At(s.Order, p.Follows, at)
	f.add("follows", follows.Human())
	switch {
	case p.Role != model.RoleAge:
	case p.AtOnce:
		f.add("then", "the connection ends by itself")
	case p.Checked:
		f.add("then", "the connection is not used again")
	default:
		f.add("then", "the connection ends at its next request")
	}
	switch {
	case p.Fixed:
		f.add("set", "not settable: it is built in")
	case !s.Settable(p, at):
		f.add("set", "not settable before "+string(p.SetSince))
	}
	f.add("written", p.Where)
	f.add("effect", p.Effect)
	if late, ok := model.At(s.Order, p.Real, at); ok {
		f.add("ends", "really ends "+late.Human())
		if late.Step > 0 {
			f.add("", "looks at its clock every "+model.HumanSpan(late.Step))
		}
		f.add("", source(late.Source))
	}
	if caps, _ := model.At(s.Order, p.Caps, at); caps {
		f.add("counts", "ends idle connections too")
	}
	if p.Extra != 0 {
		f.add("serves", fmt.Sprintf("%d more than it says", p.Extra))
	}
	f.add("exists", lifetime(p))
	for _, o := range elsewhere(s, p, at) {
		f.add("default", o)
	}
	f.add("source", strings.TrimSpace(d.Source))
	if d.Seen != "" && d.Source != "not documented" {
		f.add("", "read "+d.Seen)
	}
	x.Facts = f
	return x
}

// value is a default to be read; what a middlebox or product leaves alone is
// not set.
func value(v model.Value) string {
	if !v.IsSet() {
		return "not set"
	}
	return v.Human()
}

// elsewhere are the defaults of distributions and operating systems of their own.
func elsewhere(s *model.System, p *model.Param, at model.Version) []string {
	var out []string
	all, _ := model.At(s.Order, p.Defaults, at)
	for _, d := range all {
		if on := d.On(); on != "" {
			out = append(out, fmt.Sprintf("%s on %s (%s, read %s)", value(d.Value), on, d.Source, d.Seen))
		}
	}
	return out
}

// lifetime says which versions have a parameter, "" for all.
func lifetime(p *model.Param) string {
	var words []string
	if p.Since != "" {
		words = append(words, "since "+string(p.Since))
	}
	if p.Before != "" {
		words = append(words, "before "+string(p.Before))
	}
	for _, g := range p.Gaps {
		words = append(words, "not from "+string(g.Since)+" to before "+string(g.Before))
	}
	return strings.Join(words, ", ")
}

func written(never string) string {
	if never == "" {
		return ""
	}
	return "no limit is written " + never
}

func unset(p *model.Param) string {
	switch {
	case p.Fallback != "" && p.Absent.IsSet():
		return "while not set, " + p.Fallback.Short() + " applies; while that is not set, " + p.Absent.Human()
	case p.Fallback != "":
		return "while not set, " + p.Fallback.Short() + " applies"
	case p.Absent.IsSet():
		return "while not set, " + p.Absent.Human()
	}
	return ""
}

// Zero is what a native 0 means, in a sentence; "" where it is the number.
func Zero(p *model.Param) string {
	if p.Shape() == model.ShapeSwitch {
		return ""
	}
	switch p.Zero {
	case model.ZeroOff:
		return "0 switches it off"
	case model.ZeroNever:
		return "0 means no limit"
	case model.ZeroUnset:
		return "0 is the same as not writing it"
	case model.ZeroInvalid:
		return "0 is refused"
	case model.ZeroLiteral:
	}
	return "0 is an ordinary value"
}

// Range is the smallest and the greatest number that is taken; "" for switches.
func Range(p *model.Param) string {
	if p.Shape() == model.ShapeSwitch || p.Min == 0 && p.Max == 0 {
		return ""
	}
	low, high := p.Range()
	say := func(n int64) string {
		if p.Shape() == model.ShapeSpan {
			return model.HumanSpan(time.Duration(n))
		}
		return strconv.FormatInt(n, 10)
	}
	if p.Max == 0 {
		return "from " + say(low)
	}
	return say(low) + " to " + say(high)
}

// Unit is the unit of a bare number; "" for counts and switches.
func Unit(p *model.Param) string {
	switch p.Unit {
	case model.UnitCount, model.UnitSwitch, model.UnitRate:
		return ""
	case model.UnitClock:
		return "hh:mm:ss; a bare number is seconds"
	case model.UnitHalfSecond:
		return "half seconds"
	default:
		return string(p.Unit)
	}
}
