package contract

import (
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// Short is a span as a screen shows it beside other things: rounded to what a
// person compares (18.9 s, 60 s, 15 m 40 s, 2 h 11 m).
func Short(d time.Duration) string {
	switch {
	case d == model.Never || d < time.Second:
		return model.HumanSpan(d)
	case d < time.Minute:
		return model.HumanSpan(d.Round(100 * time.Millisecond))
	case d < time.Hour:
		return model.HumanSpan(d.Round(time.Second))
	case d < 24*time.Hour:
		return model.HumanSpan(d.Round(time.Minute))
	}
	return model.HumanSpan(d.Round(time.Hour))
}

// Tight is Short without the spaces: 15m40s.
func Tight(d time.Duration) string { return strings.ReplaceAll(Short(d), " ", "") }

// SystemName is the product's name without what stands in parentheses.
func SystemName(s *model.System) string {
	name, _, _ := strings.Cut(s.Name, " (")
	return model.Clean(name, 60)
}

// Title names one end of a leg: "Apache httpd 2.4.66, Linux". A version that
// was not given, but assumed, ends in a question mark.
func Title(s *tuning.Side) string { return versioned(SystemName(s.System), s) + ", " + Host(s) }

// ShortTitle is Title with the system's id.
func ShortTitle(s *tuning.Side) string {
	return versioned(string(s.Endpoint.ID), s) + ", " + Host(s)
}

// versioned is a name with the version of its side, alone where the catalog counts
// none: of what stands for any product there is but "1".
func versioned(name string, s *tuning.Side) string {
	if known := s.System.Known; len(known) == 1 && known[0] == "1" {
		return name
	}
	return name + " " + Version(s)
}

// ServerName is the endpoint that serves the shown leg.
func ServerName(c *Context) string { return model.Clean(string(c.Side(true).Endpoint.ID), 60) }

// Version is the version that the arithmetic takes, marked where it is assumed or
// what it does is.
func Version(s *tuning.Side) string {
	v := model.Clean(string(s.Version), 20)
	if _, _, between := s.System.Around(s.Version); between || s.Endpoint.Version == "" {
		v += "?"
	}
	return v
}

// Host is the operating system under a side, with its version where the
// version was given or names the product (Windows XP).
func Host(s *tuning.Side) string {
	name := SystemName(s.Host)
	usual := s.System.HostAt(s.Version)
	if s.Endpoint.OS.Version != "" || s.Endpoint.OS.System == "" && usual.Version != "" {
		name += " " + model.Clean(string(s.HostAt), 12)
		if _, _, between := s.Host.Around(s.HostAt); between {
			name += "?"
		}
	}
	return name
}

// Value is a row's value in force with its unit.
func Value(r *tuning.Row) string {
	v := r.Value
	switch v.Kind {
	case model.Unset:
		return "not set"
	case model.Forever:
		if r.Param.Shape() == model.ShapeCount {
			return "no limit"
		}
	case model.Count:
		if r.Param.Role == model.RoleProbeCount {
			if n, _ := v.Count(); n == 1 {
				return "1 probe"
			}
			return v.Human() + " probes"
		}
	default:
	}
	return v.Human()
}

// Origin is where a row's value comes from, in a word or two.
func Origin(r *tuning.Row) string {
	switch {
	case r.Value.Kind == model.Unknown:
		return "?"
	case r.Via != nil && r.Via.Face == model.FaceHost:
		return "from OS"
	case r.Via != nil:
		return "fallback"
	case r.Param.Fixed && r.Setting.Origin.Kind == model.FromDefault:
		return "built in"
	}
	return model.Clean(r.Setting.Origin.String(), 60)
}

// Count is n of something: "1 request", "100 requests".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return model.Times(int64(n)).Human() + " " + many
}

// VerdictWord is the verdict in one word.
func VerdictWord(v tuning.Verdict) string { return strings.ToUpper(string(v)) }

// Judged is a verdict with its margin: "OK margin 6 s".
func Judged(l *tuning.Limit) string {
	text := VerdictWord(l.Verdict)
	if !l.Reused {
		return text + ", no reuse"
	}
	if held := l.HeldBy(); held != "" {
		return text + ", " + held
	}
	if l.HasMargin && l.Verdict != tuning.VerdictUnknown {
		text += " margin " + model.HumanSpan(l.Margin)
	}
	return text
}

// Letter is a severity in one letter: E, W or I.
func Letter(s tuning.Severity) string { return strings.ToUpper(s.String()[:1]) }
