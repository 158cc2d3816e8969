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

	graded bool // the severity is of this finding, not of its rule
	proved bool // by what was seen, whatever is assumed
}

// A Rule looks at one leg.
type Rule struct {
	ID       string
	Severity Severity // the gravest that it gives
	Title    string   // what is the matter, in a line
	Why      string
	WrongIf  string // the condition under which the advice does not apply
	Source   string
	byHand   bool // no value that is found by trying puts it right
	blind    bool // where it fires, what else is found rests on a value that nobody knows
	driven   bool // what it points at is what to turn, set or not
	check    func(*Leg) []Finding
}

// Rules lists every rule, by id.
func Rules() []*Rule { return slices.Clone(rules) }

var rules = slices.Concat(orderRules, reuseRules, effectRules, fallbackRules, boxRules, probeRules, aliveRules, outageRules, pathRules, loadRules, []*Rule{oneSided, orderAgainstCrowd, newsAgainstOutage})

// findings runs every rule over a leg. A finding that rests on an assumption is
// one step less severe and says so.
func findings(l *Leg) []Finding {
	var all []Finding
	for _, rule := range rules {
		for _, f := range rule.check(l) {
			f.Rule, f.Leg = rule, l.Index
			if !f.graded {
				f.Severity = rule.Severity
			}
			f.lower(l)
			all = append(all, f)
		}
	}
	return reconciled(l, settled(l, all))
}

// lower names what of the settings that it points at is assumed, and makes it a step less
// severe for what it assumes.
func (f *Finding) lower(l *Leg) {
	for _, ref := range assumedOf(l, f.At) {
		if !slices.Contains(f.Assuming, ref) {
			f.Assuming = append(slices.Clip(f.Assuming), ref)
		}
	}
	if len(f.Assuming) > 0 && f.Severity > f.least() && !f.proved {
		f.Severity--
	}
}

// least is what an assumption may lower the severity to: a harm that is known
// stays a warning.
func (f *Finding) least() Severity {
	if f.graded {
		return Warning
	}
	return Info
}

// Calm reports whether nothing is lost by what was found, so that nothing has to
// be done about it.
func (f *Finding) Calm() bool { return f.graded && f.Severity == Info }

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

// settable reports whether the product or the host lets a parameter be set.
// Under a provider's service nobody but the provider does.
func (s *Side) settable(p *model.Param) bool {
	if p.Face == model.FaceHost {
		return !s.System.Managed && s.Host.Settable(p, s.HostAt)
	}
	return s.System.Settable(p, s.Version)
}

// wholeUp rounds up to the second, wholeDown down.
func wholeUp(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

func wholeDown(d time.Duration) time.Duration { return d.Truncate(time.Second) }
