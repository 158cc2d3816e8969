package tuning

import (
	"slices"
	"time"

	"example.com/keeptune/model"
)

// A Severity says how bad a finding is.
type Severity uint8

// The severities: it is worth knowing; it fails under conditions that occur;
// it fails in normal use.
const (
	Info Severity = iota
	Warning
	Error
)

// String is the word of the JSON contract.
func (s Severity) String() string { return [...]string{"info", "warning", "error"}[s] }

// A Finding is something that a rule has to say about a leg.
type Finding struct {
	Rule     *Rule
	Severity Severity
	Leg      int
	At       []ParamRef
	Because  []string
	Assuming []ParamRef
	Meant    model.Value // what At[0] was probably meant to be, unset where it was meant as it is
	Remedies []Remedy    // the best first; [Advise] finds them
}

// A Rule looks at one leg.
type Rule struct {
	ID       string
	Severity Severity
	Title    string // what is the matter, in a line
	Why      string
	WrongIf  string // the condition under which the advice does not apply
	Source   string
	check    func(*Leg) []Finding
}

// Rules lists every rule, by id.
func Rules() []*Rule { return slices.Clone(rules) }

var rules = slices.Concat(orderRules, effectRules, probeRules, pathRules)

// findings runs every rule over a leg. A finding that rests on an assumption is
// one step less severe and says so.
func findings(l *Leg) []Finding {
	var all []Finding
	for _, rule := range rules {
		for _, f := range rule.check(l) {
			f.Rule, f.Leg = rule, l.Index
			f.Severity = rule.Severity
			if len(f.Assuming) > 0 && f.Severity > Info {
				f.Severity--
			}
			all = append(all, f)
		}
	}
	return all
}

// goodMargin is the margin that a remedy leaves: a tenth, at least 5 s and at
// most 30 s, and never less than twice the window.
func goodMargin(d time.Duration, w Window) time.Duration {
	return max(min(max(d/10, 5*time.Second), 30*time.Second), 2*w.Width)
}

// leastMargin is the margin below which rounding and jitter eat what there is:
// a second where either side counts in seconds, else twice the window.
func leastMargin(l *Leg) time.Duration {
	for _, x := range l.Limit.All {
		for _, side := range []*Side{&l.Client, &l.Server} {
			if row := side.Row(x.Ref.Param); row != nil && row.Param.Unit != model.UnitMillisecond {
				return max(time.Second, 2*l.Window.Width)
			}
		}
	}
	return 2 * l.Window.Width
}

// floors are values below which a rule warns, so that no remedy goes there.
var floors = map[model.ParamID]time.Duration{
	explorerIdle:           time.Minute,      // EFF-13
	"ie.ServerInfoTimeout": time.Minute,      // it caps the other
	windowsKeepAlive:       10 * time.Second, // KA-15
}

// setTo is a remedy that gives a limiter's parameter a whole number of seconds,
// or nothing where it cannot be set to that.
func setTo(side *Side, param model.ParamID, d time.Duration, label string) []Remedy {
	row := side.Row(param)
	if row == nil || d <= 0 || d < floors[param] || !side.settable(row.Param) {
		return nil
	}
	v := model.For(d)
	if row.Param.Check(v) != nil {
		return nil
	}
	return []Remedy{{
		Label: label + ": " + string(side.Endpoint.ID) + " " + row.Param.Name + " " + v.Human(),
		Edits: []model.Edit{model.Set{Endpoint: side.Endpoint.ID, Param: param, Setting: model.Typed(v)}},
	}}
}

// settable reports whether the product or the host lets a parameter be set.
// Under a provider's service nobody but the provider does.
func (s *Side) settable(p *model.Param) bool {
	if p.Side == model.SideHost {
		return !s.System.Managed && s.Host.Settable(p, s.HostAt)
	}
	return s.System.Settable(p, s.Version)
}

// wholeUp rounds up to the second, wholeDown down.
func wholeUp(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

func wholeDown(d time.Duration) time.Duration { return d.Truncate(time.Second) }
