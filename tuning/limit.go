package tuning

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// atReuse is how a pool ends a connection that it only looks at when it is
// about to use it again.
const atReuse = "at-reuse"

// judge finds the limit of a leg from its two sides, its boxes and W.
func judge(client, server *Side, boxes []Box, w Window, leg int) Limit {
	l := Limit{Reused: true, Idle: model.Never, High: model.Never}
	l.Requests = requestLimit(client, server)
	l.Age = ageLimit(client, server)
	if row, side := notReused(client, server); row != nil {
		return closedEachTime(l, row, side)
	}
	own := idleLimiters(client, ByClient)
	far := idleLimiters(server, ByServer)
	own, l.Assuming = l.readHint(client, server, own)
	l.Assuming = append(l.Assuming, assumed(client, own)...)
	l.Assuming = append(l.Assuming, assumed(server, far)...)
	l.Assuming = append(l.Assuming, leftOpen(client, server)...)
	for i := range boxes {
		if boxes[i].Refreshed || boxes[i].Row == nil {
			continue
		}
		far = append(far, boxLimiter(&boxes[i]))
		if boxes[i].Row.Assumed {
			l.Assuming = append(l.Assuming, far[len(far)-1].Ref)
		}
	}
	l.All = append(append([]Limiter{}, own...), far...)
	for _, x := range l.All {
		l.Because = append(l.Because, x.Text)
	}
	if unknown := firstUnknown(l.All); unknown != nil {
		l.Verdict, l.By, l.Limiter = VerdictUnknown, unknown.By, *unknown
		l.Because = append(l.Because, unknown.Name+" is not known, and it could be the smallest")
		return l
	}
	l.smallest()
	l.decide(far, w, leg)
	return l
}

// smallest picks the limiter with the smallest low; at a tie the first in path
// order, the others in Also.
func (l *Limit) smallest() {
	for _, x := range l.All {
		switch {
		case x.Low == model.Never:
		case x.Low < l.Idle:
			l.Idle, l.By, l.Limiter, l.Also = x.Low, x.By, x, nil
		case x.Low == l.Idle:
			l.Also = append(l.Also, x.Ref)
		}
		l.High = min(l.High, x.High)
	}
	l.High = max(l.High, l.Idle)
	l.First, l.Closes = l.By, l.Limiter.Closes
}

// decide takes the margin and the verdict.
func (l *Limit) decide(far []Limiter, w Window, leg int) {
	reuse, gone := reuseAndGone(l.All)
	var first *Limiter
	for i, x := range far {
		if x.Low == gone && first == nil {
			first = &far[i]
		}
	}
	switch {
	case reuse == model.Never && gone == model.Never:
		l.Verdict = VerdictUnbounded
		l.Because = append(l.Because, "neither side ever closes an idle connection")
		return
	case gone == model.Never:
		l.Verdict = VerdictOK
		l.Because = append(l.Because, "only the client closes, so no request can meet a close")
		return
	case reuse == model.Never:
		l.Verdict = risky(first)
		l.First, l.Closes = first.By, first.Closes
		l.Because = append(l.Because, fmt.Sprintf("the client never gives an idle connection up, the far side does after %s", model.HumanSpan(gone)))
		return
	}
	l.HasMargin, l.Margin = true, gone-reuse
	l.Because = append(l.Because, fmt.Sprintf("margin: the far side closes after %s at the earliest, the client reuses until %s at the latest: %s",
		model.HumanSpan(gone), model.HumanSpan(reuse), model.HumanSpan(l.Margin)))
	if w.Assumed && l.Margin > 0 && l.Margin < time.Second {
		l.Assuming = append(l.Assuming, ParamRef{legName(leg), model.ParamID(model.QuantityWindow)})
	}
	if l.Margin <= 0 || l.Margin < w.Width {
		l.Verdict = risky(first)
		l.First, l.Closes = first.By, first.Closes
		l.Because = append(l.Because, fmt.Sprintf("that is not more than the race window of %s: a request can be on its way when the connection goes", model.HumanSpan(w.Width)))
		return
	}
	l.Verdict = VerdictOK
}

func legName(i int) model.EndpointID { return model.EndpointID(fmt.Sprintf("leg%d", i+1)) }

// risky is the verdict where the far side may be first: stale where it says
// nothing, race where it closes.
func risky(first *Limiter) Verdict {
	switch {
	case first.By != ByMiddlebox:
		return VerdictRace
	case first.Closes == "silent" || first.Closes == "rst-on-send" || first.Closes == "rst-on-send-one-way" || first.Closes == "unknown":
		return VerdictStale
	}
	return VerdictRace
}

func firstUnknown(all []Limiter) *Limiter {
	for i := range all {
		if !all[i].Known {
			return &all[i]
		}
	}
	return nil
}

// idleLimiters lists every idle setting of a side, with what is added before
// the close, and settings that cap it at this version.
func idleLimiters(s *Side, by By) []Limiter {
	var extraLow, extraHigh time.Duration
	if x := s.First(model.RoleIdleExtra); x != nil {
		if d, ok := x.Value.Duration(); ok {
			extraLow, extraHigh = d, d
		}
	}
	var found []Limiter
	for i := range s.Rows {
		row := &s.Rows[i]
		caps, _ := model.At(s.System.Order, row.Param.Caps, s.Version)
		if row.Param.Side == model.SideHost || row.Param.Role != model.RoleIdle && !caps {
			continue
		}
		if row.Param.Role != model.RoleIdle && !row.Value.IsSet() {
			continue
		}
		x := Limiter{
			By: by, Ref: ParamRef{s.Endpoint.ID, row.Param.ID}, Name: row.Param.Name, System: s.System.Name,
			Known: true, Low: row.Low, High: row.High, Closes: s.Face.Close,
			Text: fmt.Sprintf("%s: %s", s.Endpoint.ID, row.describe()),
		}
		if measured := row.Setting.Origin.Kind == model.FromMeasured; !measured && row.Param.Role == model.RoleIdle {
			x.Low, x.High = model.Add(x.Low, extraLow), model.Add(x.High, extraHigh)
		}
		if _, ok := row.Value.Duration(); !ok {
			x.Known = row.Value.Kind != model.Unknown && row.Value.IsSet()
			x.Low, x.High = model.Never, model.Never
		}
		found = append(found, x)
	}
	if x, cuts := s.cutOff(by); cuts {
		found = append(found, x)
	}
	if len(found) == 0 {
		found = append(found, Limiter{
			By: by, Ref: ParamRef{s.Endpoint.ID, model.ParamID(s.System.ID) + ".idle"}, Name: "idle timeout", System: s.System.Name,
			Closes: s.Face.Close, Text: fmt.Sprintf("%s: its idle timeout is not known", s.Endpoint.ID),
		})
	}
	return found
}

// assumed lists the limiters whose value is a default that may be wrong.
func assumed(s *Side, limiters []Limiter) []ParamRef {
	var refs []ParamRef
	for _, x := range limiters {
		if row := s.Row(x.Ref.Param); row != nil && row.Assumed && x.Ref.Endpoint == s.Endpoint.ID {
			refs = append(refs, x.Ref)
		}
	}
	return refs
}

// leftOpen lists values that decide whether and how often a connection is used
// again, and that a configuration leaves open.
func leftOpen(sides ...*Side) []ParamRef {
	var refs []ParamRef
	for _, s := range sides {
		for i := range s.Rows {
			switch row := &s.Rows[i]; row.Param.Role {
			case model.RoleReuse, model.RolePool, model.RoleRequests, model.RoleAge:
				if row.leftOpen() {
					refs = append(refs, ParamRef{s.Endpoint.ID, row.Param.ID})
				}
			default:
			}
		}
	}
	return refs
}

// notReused finds a setting that switches keep-alive off on either side.
func notReused(client, server *Side) (*Row, *Side) {
	for _, s := range []*Side{client, server} {
		for i := range s.Rows {
			row := &s.Rows[i]
			switch row.Param.Role {
			case model.RoleReuse, model.RolePool, model.RoleIdle, model.RoleRequests:
				if row.Value == model.ValueOff {
					return row, s
				}
			default:
			}
		}
	}
	return nil, nil
}

// closedEachTime is the limit of a connection that serves one request.
func closedEachTime(l Limit, row *Row, side *Side) Limit {
	by := ByServer
	if side.Face.Side == model.SideClient {
		by = ByClient
	}
	l.Reused, l.Idle, l.High, l.By, l.First, l.Verdict = false, 0, 0, by, by, VerdictOK
	l.Limiter = Limiter{
		By: by, Ref: ParamRef{side.Endpoint.ID, row.Param.ID}, Name: row.Param.Name, System: side.System.Name,
		Known: true, Closes: side.Face.Close, Text: fmt.Sprintf("%s: %s", side.Endpoint.ID, row.describe()),
	}
	l.Closes, l.All = side.Face.Close, []Limiter{l.Limiter}
	l.Because = []string{l.Limiter.Text, "keep-alive is off: each connection serves one request, so nothing is reused and nothing can race"}
	return l
}
