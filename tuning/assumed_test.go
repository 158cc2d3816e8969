package tuning_test

import (
	"slices"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// sure are rules above info none of whose inputs can be assumed, and why.
var sure = map[string]string{
	"EFF-1":  "it is about what was seen, beside what a file says",
	"EFF-4":  "it is about a setting that is missing: nobody has to assume that",
	"EFF-12": "it is about a line that was read",
	"ORD-13": "whatever the hint is, the proxy hands it on and closes by a time of its own",
	"EFF-15": "which protocol a system speaks is no setting",
	"EFF-17": "it is about what is assumed: it is the assumption's own finding",
}

// parts are findings that come of others, each of which is lowered by itself: what is
// certain of one of them stays as grave.
var parts = []string{"CAP-5"}

// Each rule above info says what it assumes, and is a step less grave for it, where a
// setting that it points at is only taken to be so: a line that was not understood, or a
// default that may be another. A warning of a harm that is known stays one.
func TestAnAssumedInputLowersEachRule(t *testing.T) {
	c := model.Embedded()
	lowered := map[string]bool{}
	for _, e := range edges {
		if e.severity == tuning.Info {
			continue
		}
		d := document(t, c, e.path, e.fires...)
		fired := found(analyzed(t, d), e.rule, -1)
		if fired == nil {
			continue // TestEveryRuleHasTwoSides tells
		}
		for _, ref := range fired.At {
			r := analyzed(t, d)
			f := found(r, e.rule, -1)
			v, ok := valueOf(r, ref)
			if set := d.Path.Endpoints[max(0, d.Path.Index(ref.Endpoint))].Settings[ref.Param]; set.Value.IsSet() {
				v = set.Value // whatever the kernel makes of it
			}
			if !ok || !v.IsSet() || v.Kind == model.Unknown {
				continue
			}
			assumed, err := d.With(model.Set{Endpoint: ref.Endpoint, Param: ref.Param, Setting: model.Setting{Value: v, Origin: model.Origin{Kind: model.FromAssumed}}}, c)
			if err != nil {
				continue // what is in force comes from the host, and the product takes no such value
			}
			all := analyzed(t, assumed).Findings
			i := slices.IndexFunc(all, func(o tuning.Finding) bool {
				return o.Rule.ID == e.rule && o.Leg == f.Leg && slices.Contains(o.At, ref)
			})
			if i < 0 {
				continue // it is about what somebody set, and nobody did
			}
			g := all[i]
			if sure[e.rule] != "" {
				continue
			}
			if !slices.Contains(g.Assuming, ref) {
				t.Errorf("%s on %s: %s is assumed, and it does not say so: %v", e.rule, e.path, ref.Param, g.Assuming)
			}
			if want := max(f.Severity-1, tuning.Warning); g.Severity > want && !slices.Contains(parts, e.rule) {
				t.Errorf("%s on %s: %s with %s assumed, %s without", e.rule, e.path, g.Severity, ref.Param, f.Severity)
			}
			lowered[e.rule] = true
		}
	}
	for _, rule := range tuning.Rules() {
		if rule.Severity > tuning.Info && !lowered[rule.ID] && sure[rule.ID] == "" {
			t.Errorf("%s has no fixture in which an input is assumed", rule.ID)
		}
		if lowered[rule.ID] && sure[rule.ID] != "" {
			t.Errorf("%s has one, and is listed without", rule.ID)
		}
	}
}
