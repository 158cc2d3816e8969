package native

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// reason says above a value what it was, and for idle timers what follows.
func (t *target) reason(row *tuning.Row) []string {
	was, known := t.before(row)
	p, now := row.Param, row.Setting.Value
	name := p.Name
	lines := []string{""}
	switch {
	case now == was.Value:
		lines[0] = fmt.Sprintf("%s: %s. This pins what is only assumed to be the default.", name, now.Human())
	case known:
		lines[0] = fmt.Sprintf("%s: %s instead of %s (%s).", name, now.Human(), was.Value.Human(), was.Origin)
	case was.Value.Kind == model.Unknown:
		lines[0] = fmt.Sprintf("%s: %s. The default is not known.", name, now.Human())
	case !was.Value.IsSet():
		lines[0] = fmt.Sprintf("%s: %s. Not set by default.", name, now.Human())
	default:
		lines[0] = fmt.Sprintf("%s: %s instead of %s (default).", name, now.Human(), was.Value.Human())
	}
	if text := t.verdictFor(p); text != "" {
		lines = append(lines, text)
	}
	if leg := t.outageOf(p); leg != nil {
		lines = append(lines, fmt.Sprintf("Leg %d: %s", leg.Index+1, survivalText(leg)))
	}
	return lines
}

// verdictFor is what the leg of an idle timer comes to.
func (t *target) verdictFor(p *model.Param) string {
	if p.Role != model.RoleIdle && p.Role != model.RoleMiddleboxTTL && p.Role != model.RoleHint && p.Role != model.RoleReuse {
		return ""
	}
	for i := range t.req.Report.Legs {
		leg := &t.req.Report.Legs[i]
		boxed := slices.ContainsFunc(leg.Boxes, func(b tuning.Box) bool { return b.Place == t.place })
		if boxed || p.Face == model.FaceClient && leg.Client.Place == t.place || p.Face == model.FaceServer && leg.Server.Place == t.place {
			return fmt.Sprintf("Leg %d: %s", leg.Index+1, verdictText(leg))
		}
	}
	return ""
}

// outageOf is the leg that should survive an outage and has this parameter among
// what decides whether it does, or nil.
func (t *target) outageOf(p *model.Param) *tuning.Leg {
	switch p.Role {
	case model.RoleDataRetries, model.RoleUserTimeout, model.RoleKeepAlive, model.RoleProbeEvery, model.RoleProbeCount,
		model.RolePingEvery, model.RolePingCount, model.RolePingWait:
	default:
		return nil
	}
	for i := range t.req.Report.Legs {
		leg := &t.req.Report.Legs[i]
		_, asked := leg.Outage()
		if asked && (p.Face != model.FaceServer && leg.Client.Place == t.place || p.Face != model.FaceClient && leg.Server.Place == t.place) {
			return leg
		}
	}
	return nil
}

// survivalText is what a leg survives of the outage that it should.
func survivalText(leg *tuning.Leg) string {
	asked, _ := leg.Outage()
	texts := []string{fmt.Sprintf("it should survive an outage of %s", model.HumanSpan(asked))}
	all := leg.Survives()
	for _, x := range []struct {
		state string
		a, b  tuning.Survival
	}{{"while busy", all.Client.Busy, all.Server.Busy}, {"while quiet", all.Client.Idle, all.Server.Idle}} {
		switch longest := min(x.a.For, x.b.For); {
		case !x.a.Known || !x.b.Known:
			texts = append(texts, x.state+" it is not known what it survives")
		case longest == model.Never:
			texts = append(texts, x.state+" it survives any")
		default:
			texts = append(texts, x.state+" it survives "+model.HumanSpan(longest.Round(time.Second/10)))
		}
	}
	return strings.Join(texts, "; ") + "."
}

// verdictText is the judgement of a leg in one sentence.
func verdictText(leg *tuning.Leg) string {
	l := &leg.Limit
	switch {
	case !l.Reused:
		return "keep-alive is off, each connection serves one request."
	case l.Verdict == tuning.VerdictUnknown:
		return "the limit is not known; verdict unknown."
	case l.Verdict == tuning.VerdictUnbounded:
		return "nothing ends an idle connection; verdict unbounded."
	}
	text := fmt.Sprintf("idle connections end after %s by %s %s; verdict %s", model.HumanSpan(l.Idle), l.Limiter.Ref.Endpoint, l.Limiter.Name, l.Verdict)
	if l.HasMargin {
		text += ", margin " + model.HumanSpan(l.Margin)
	}
	return text + "."
}
