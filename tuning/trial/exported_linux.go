package trial

import (
	"context"
	"fmt"
	"slices"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// Exported plans to try what an export has written for the endpoints of this host.
func Exported(ctx context.Context, files []native.File, c *model.Catalog, place Place) (Plan, error) {
	var wishes []Wish
	var refused []Refused
	var kept []byte
	wanted := map[string]string{}
	for _, f := range files {
		switch {
		case f.Endpoint == "" || f.Unowned:
			continue
		case !place.has(f.Endpoint) || place.opens(f.Format):
			continue
		case f.Format == "sysctl":
			kept = append(kept, f.Content...)
			for _, a := range assignments(f.Content) {
				if other, twice := wanted[a.key]; twice && other != a.value {
					return Plan{}, fmt.Errorf("the endpoints want two values of %s, %s and %s: a host has one", a.key, other, a.value)
				}
				wanted[a.key] = a.value
				s, err := NewSysctl(a.key, place.Namespace, effectOf(c, a.key))
				if err != nil {
					return Plan{}, err
				}
				wishes = append(wishes, Wish{Target: s, To: a.value})
			}
		case mains[f.Format] != "":
			refused = append(refused, Refused{string(f.Endpoint), "open its configuration to try it, as in keeptune apply " + mains[f.Format]})
		default:
			refused = append(refused, Refused{f.Name, fmt.Sprintf("keeptune cannot try the format %s; keeptune export writes it", f.Format)})
		}
	}
	p := Compare(ctx, append(wishes, place.Servers...))
	kept = without(kept, func(key string) bool { // what was not tried must not come with the next start
		return slices.ContainsFunc(p.Refused, func(r Refused) bool { return r.Name == key })
	})
	p.Refused = append(p.Refused, refused...)
	if len(assignments(kept)) == 0 {
		return p, nil
	}
	if place.Namespace != "" {
		p.Notes = append(p.Notes, "A network namespace forgets its variables when it ends: nothing is written to /etc/sysctl.d.")
		return p, nil
	}
	return p, p.keepSysctls(&place, kept)
}

// effectOf is what a change of a variable does to live connections, as the catalog has it.
func effectOf(c *model.Catalog, key string) string {
	for _, id := range []model.SystemID{"linux", "conntrack"} {
		s, err := c.System(id)
		if err != nil {
			continue
		}
		for _, p := range s.Params {
			if p.Name == key || slices.Contains(p.Aliases, key) {
				return p.Effect
			}
		}
	}
	return ""
}
