package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A SettingRef names a setting of a hop, or a quantity of a leg: the endpoint is
// leg1, leg2, … then.
type SettingRef struct {
	Endpoint EndpointID
	Param    ParamID
}

// String is ENDPOINT:PARAM, as --set takes it.
func (r SettingRef) String() string { return string(r.Endpoint) + ":" + string(r.Param) }

// A Suppression is a finding that somebody accepts, and why. It is bound to one fault:
// a rule, the two ends of a leg, and every setting that the finding points at.
type Suppression struct {
	Rule           string // ORD-1
	Client, Server EndpointID
	At             []SettingRef
	Level          string // the gravest that is accepted: info, warning or error
	Reason         string
}

// SuppressionLevels are the levels up to which a finding can be accepted, the least first.
var SuppressionLevels = []string{"info", "warning", "error"}

// reasonLimit bounds a reason, in characters.
const reasonLimit = 500

// SameFault reports whether two suppressions are of the same fault.
func (s Suppression) SameFault(o Suppression) bool {
	return s.Rule == o.Rule && s.Client == o.Client && s.Server == o.Server && SameSettings(s.At, o.At)
}

// Equal reports whether two suppressions say the same.
func (s Suppression) Equal(o Suppression) bool {
	return s.SameFault(o) && s.Level == o.Level && s.Reason == o.Reason
}

// SameSettings reports whether two lists name the same settings, in whatever order.
func SameSettings(a, b []SettingRef) bool {
	within := func(all []SettingRef) func(SettingRef) bool {
		return func(r SettingRef) bool { return !slices.Contains(all, r) }
	}
	return !slices.ContainsFunc(a, within(b)) && !slices.ContainsFunc(b, within(a))
}

var ruleID = regexp.MustCompile(`^[A-Z]{2,5}-[0-9]{1,3}[a-z]?$`)

// check is what makes a suppression impossible, in one sentence.
func (s Suppression) check() error {
	switch {
	case !ruleID.MatchString(s.Rule):
		return fmt.Errorf("%q is no rule; one is written as ORD-1", Clean(s.Rule, 40))
	case strings.TrimSpace(s.Reason) == "":
		return fmt.Errorf("the suppression of %s needs a reason", s.Rule)
	case !slices.Contains(SuppressionLevels, s.Level):
		return fmt.Errorf("the level of the suppression of %s is %q; it is info, warning or error", s.Rule, Clean(s.Level, 40))
	}
	return nil
}

// Suppress accepts a finding; where the same fault was accepted before, with the new
// reason and level.
type Suppress struct{ Suppression Suppression }

// Unsuppress takes the acceptance of a fault back.
type Unsuppress struct{ Suppression Suppression }

func (Suppress) edit()   {}
func (Unsuppress) edit() {}

// Key is empty: accepting is a step of its own.
func (Suppress) Key() string { return "" }

// Key is empty: taking back is a step of its own.
func (Unsuppress) Key() string { return "" }

func (d Document) withSuppression(s Suppression) (Document, error) {
	s.Reason = strings.TrimSpace(Clean(s.Reason, reasonLimit))
	if err := s.check(); err != nil {
		return d, err
	}
	d = d.withoutSuppression(s)
	d.Suppressed = append(slices.Clip(d.Suppressed), s)
	return d, nil
}

func (d Document) withoutSuppression(s Suppression) Document {
	d.Suppressed = slices.DeleteFunc(slices.Clone(d.Suppressed), s.SameFault)
	return d
}

// renamed gives what a document says of hops the names that they have after a change of the
// path: is[i] is the place of the hop that was at i, -1 where it is gone.
func (d Document) renamed(was Path, is []int, sameLegs bool) Document {
	names := map[EndpointID]EndpointID{}
	for i, e := range was.Endpoints {
		if is[i] >= 0 {
			names[e.ID] = d.Path.Endpoints[is[i]].ID
		}
	}
	return d.resuppressed(names, sameLegs).replaced(names)
}

// resuppressed gives the suppressions other names. What was accepted of a hop that is gone
// goes with it, and so does what was accepted of a leg's quantity where the legs are not
// those that were.
func (d Document) resuppressed(names map[EndpointID]EndpointID, sameLegs bool) Document {
	var kept []Suppression
	for _, s := range d.Suppressed {
		var client, server bool
		s.Client, client = names[s.Client]
		s.Server, server = names[s.Server]
		whole := client && server
		s.At = slices.Clone(s.At)
		for i, r := range s.At {
			if _, leg := legNumber(string(r.Endpoint)); leg {
				whole = whole && sameLegs
				continue
			}
			name, ok := names[r.Endpoint]
			s.At[i].Endpoint, whole = name, whole && ok
		}
		if whole {
			kept = append(kept, s)
		}
	}
	d.Suppressed = kept
	return d
}

// onPath is the document without what is said of hops that are not on its path.
func (d Document) onPath() Document {
	d.Places = slices.DeleteFunc(slices.Clone(d.Places), func(p Place) bool { return p.Endpoint != "" && !d.Path.has(p.Endpoint) })
	d.Suppressed = slices.DeleteFunc(slices.Clone(d.Suppressed), func(s Suppression) bool {
		return !d.Path.has(s.Client) || !d.Path.has(s.Server) || slices.ContainsFunc(s.At, func(r SettingRef) bool {
			_, leg := legNumber(string(r.Endpoint))
			return !leg && !d.Path.has(r.Endpoint)
		})
	})
	return d
}

// stayed is renamed's list for a path of n hops that keep their places.
func stayed(n int) []int {
	places := make([]int, n)
	for i := range places {
		places[i] = i
	}
	return places
}

// FindSettings finds what a name can mean on the path: [ENDPOINT:]PARAM, ENDPOINT.PARAM,
// or leg1:QUANTITY. Where a product has the name on both its faces there are two. The
// error is one sentence.
func FindSettings(name string, d Document, c *Catalog) ([]SettingRef, error) {
	name = strings.TrimSpace(name)
	endpoint, param, scoped := strings.Cut(name, ":")
	if !scoped {
		endpoint, param = "", name
		for _, e := range d.Path.Endpoints {
			if rest, ok := strings.CutPrefix(strings.ToLower(name), strings.ToLower(string(e.ID))+"."); ok {
				if found, err := d.settings(string(e.ID), name[len(name)-len(rest):], c); err == nil {
					return found, nil
				}
			}
		}
		if leg, rest, ok := strings.Cut(name, "."); ok {
			if _, is := legNumber(leg); is {
				endpoint, param = leg, rest
			}
		}
	}
	return d.settings(endpoint, param, c)
}

func (d Document) settings(endpoint, name string, c *Catalog) ([]SettingRef, error) {
	if leg, ok := legNumber(endpoint); ok {
		if n := d.Path.legs(c); leg >= n {
			return nil, fmt.Errorf("there is no leg%d; the path %s has %s", leg+1, d.Path, legsUpTo(n))
		}
		q := Quantity(strings.ToLower(strings.TrimSpace(name)))
		if q.Param() == nil {
			return nil, fmt.Errorf("a leg has no quantity %q; it has %s", Clean(name, 40), quantityNames())
		}
		return []SettingRef{{EndpointID(strings.ToLower(endpoint)), ParamID(q)}}, nil
	}
	at := EndpointID(strings.ToLower(endpoint))
	found, only, err := findParams(d, c, at, strings.TrimSpace(name))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, noSuchParam(d, c, only, at, name)
	}
	refs := make([]SettingRef, len(found))
	for i, f := range found {
		refs[i] = SettingRef{f.endpoint, f.param.ID}
	}
	return refs, nil
}
