package tuning

import "example.com/keeptune/model"

// pairs are remedies of more than one edit, for what one alone does not cure: a
// switch and the time that belongs to it, or all the limits of one side at once.
func (t *trial) pairs(f *Finding, tried []*knob) []*option {
	var found []*option
	for _, s := range tried {
		if s.param.Shape() != model.ShapeSwitch || s.row.Value == model.ValueOn || s.cured(t, f) {
			continue
		}
		for _, k := range tried {
			if !s.belongs(k) || k.cured(t, f) { // the time alone is enough
				continue
			}
			both := *k
			both.first, both.tries = s.edits(model.ValueOn), nil
			if o := t.compound(f, &both); o != nil {
				o.knobs = []*knob{s, k}
				o.rank = rankOf(s.param.Role)
				found = append(found, o)
				if s.param.Role != model.RoleReuse { // of reuse either side has a time
					break
				}
			}
		}
	}
	for _, by := range []*Side{&t.before.leg.Client, &t.before.leg.Server} {
		var limits []*knob
		for _, k := range tried {
			if k.side == by && t.limits(k) && !k.cured(t, f) {
				limits = append(limits, k)
			}
		}
		if len(limits) < 2 {
			continue
		}
		all := *limits[0]
		all.beside, all.tries = limits[1:], nil
		if o := t.compound(f, &all); o != nil {
			o.knobs = limits
			found = append(found, o)
		}
	}
	return found
}

// compound is the remedy of a knob that is turned with others.
func (t *trial) compound(f *Finding, k *knob) *option {
	t.tryAll(k, k.usual())
	if k.param.Role == model.RoleRetry {
		t.tryAll(k, []model.Value{model.ValueOn})
	}
	return t.single(f, k)
}

// cured reports whether a knob cures by itself.
func (k *knob) cured(t *trial, f *Finding) bool {
	for i := range k.tries {
		if _, ok := t.cures(f, &k.tries[i].outcome); ok {
			return true
		}
	}
	return false
}

// belongs reports whether a time is that of a switch: of probes, the product's
// own or else its host's, of the application's signs of life, and of reuse how long
// either side keeps what is idle.
func (k *knob) belongs(to *knob) bool {
	if k.param.Role == model.RoleReuse {
		return to.param.Role == model.RoleIdle && to.side != nil
	}
	if k.endpoint != to.endpoint || k.side != to.side || k.param.Toward != to.param.Toward {
		return false
	}
	switch k.param.Role {
	case model.RoleKeepAlive:
		return to.param.Role == model.RoleProbeIdle
	case model.RoleRetry: // the one without the other repeats less
		return to.param.Role == model.RoleRetry && to != k
	case model.RolePingPermit:
		return false // it is about what the peer sends
	default:
		return to.param.Role == model.RolePingEvery
	}
}

// limits reports whether a knob is one of the limits of an idle connection.
func (t *trial) limits(k *knob) bool {
	for _, x := range t.before.leg.Limit.All {
		if x.Ref == (ParamRef{k.endpoint, k.param.ID}) {
			return true
		}
	}
	return false
}
