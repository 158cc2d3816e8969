package model

import (
	"strings"
	"time"
)

// A Follow says that a setting of another parameter sets this one, too, as
// curl --keepalive-time sets the probe interval beside the idle time. A value
// of its own goes before.
type Follow struct {
	Of     ParamID // empty: from this version on it follows none
	Divide int64   // the share that it takes, a third where 3
	Fixed  Value   // what it is set to, whatever the other is; unset: the other's value
}

// Value is what the follower gets from a setting of the other: a share is cut
// to whole steps of its unit, and is one step at least.
func (f Follow) Value(p *Param, of Value) Value {
	if f.Fixed.IsSet() {
		return f.Fixed
	}
	d, ok := of.Duration()
	if !ok || f.Divide < 2 || of.Kind != Span {
		return of
	}
	step := p.Unit.Size()
	return For(max((d / time.Duration(f.Divide)).Truncate(step), step))
}

// follows reads what p follows, by the names of one face; a full id reaches the
// other face.
func follows(p *Param, raw []rawFollow, system SystemID, prefix string) ([]Since[Follow], *keyError) {
	var found []Since[Follow]
	for _, r := range raw {
		f := Follow{Divide: r.Divide}
		if r.Fixed != "" {
			v, err := p.ParseValue(r.Fixed)
			if err != nil {
				return nil, &keyError{"follows", err}
			}
			f.Fixed = v
		}
		switch {
		case strings.HasPrefix(r.Of, string(system)+"."):
			f.Of = ParamID(r.Of)
		case r.Of != "":
			f.Of = ParamID(prefix + r.Of)
		}
		found = append(found, Since[Follow]{Version(r.Since), f})
	}
	return found, nil
}
