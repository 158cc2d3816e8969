package tuning

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// judge finds the limit of a leg from its two sides, its boxes and W.
func judge(client, server *Side, boxes []Box, w Window, leg int, hint hint) Limit {
	l := Limit{Reused: true, Idle: model.Never, High: model.Never}
	l.Repeats, l.Session = client.System.RepeatsWith(client.Face, client.Version, client.value), client.keepsSession()
	l.Requests = requestLimit(client, server)
	l.Age = ageLimit(client, server)
	far := idleLimiters(server, ByServer)
	if row, side := notReused(client, server); row != nil {
		l.Assuming = leftOpen(client, server)
		return closedEachTime(l, row, side, far)
	}
	own := idleLimiters(client, ByClient)
	own, l.Assuming = l.readHint(client, hint, own)
	far = l.heldBack(far, beats(client, server))
	l.Assuming = append(l.Assuming, assumed(client, own)...)
	l.Assuming = append(l.Assuming, assumed(server, far)...)
	l.Assuming = append(l.Assuming, leftOpen(client, server)...)
	for i := range boxes {
		if boxes[i].Refreshed {
			l.hold(boxes[i].Held, nameIn(boxes[i].Held, client, server))
		}
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
	for i := range boxes {
		if boxes[i].Refreshed {
			l.Because = append(l.Because, fmt.Sprintf("%s: %s", boxes[i].Endpoint.ID, boxes[i].Because))
		}
	}
	if unknown := firstUnknown(l.All); unknown != nil {
		l.Verdict, l.By, l.Limiter = VerdictUnknown, unknown.By, *unknown
		l.Because = append(l.Because, unknown.Name+" is not known, and it could be the smallest")
		return l
	}
	l.smallest()
	l.decide(client, server, far, w, leg)
	return l
}

// keepsSession reports whether a client has no pool whose connections it takes
// up again: what it has is a session, and its end is the end of it.
func (s *Side) keepsSession() bool {
	return s.System.Protocol != model.ProtocolHTTP && !s.Face.Pool
}

// heldBack leaves out the server's idle timers that a heartbeat starts anew each
// time. An age is none of them.
func (l *Limit) heldBack(far []Limiter, beats []*Heartbeat) []Limiter {
	kept := far[:0]
	for _, x := range far {
		var by *Heartbeat
		for _, h := range beats {
			if h.Resets && !x.Age && x.Known && h.holds(x.Low) {
				by = h
				break
			}
		}
		if by == nil {
			kept = append(kept, x)
			continue
		}
		l.hold(by.Ref, by.Name)
		l.Because = append(l.Because, x.Text+": "+by.held())
		x.Low, x.High = model.Never, model.Never
		x.Text = fmt.Sprintf("%s: %s never ends it", x.Ref.Endpoint, x.Name)
		kept = append(kept, x)
	}
	return kept
}

func (l *Limit) hold(ref ParamRef, name string) {
	if ref.Param != "" && !slices.Contains(l.Held, ref) {
		l.Held, l.held = append(l.Held, ref), append(l.held, string(ref.Endpoint)+" "+name)
	}
}

// HeldBy names what keeps a connection open that something would end otherwise,
// in a few words; empty where something ends it all the same, or nothing would.
func (l *Limit) HeldBy() string {
	if l.Idle != model.Never || !l.Reused || l.Verdict == VerdictUnknown || len(l.Held) == 0 {
		return ""
	}
	return "held open by " + strings.Join(l.held, " and ")
}

// Endless says why nothing ends an idle connection.
func (l *Limit) Endless() string {
	text := "neither side ever closes an idle connection"
	if held := l.HeldBy(); held != "" {
		text += "; it is " + held
	}
	return text
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
func (l *Limit) decide(client, server *Side, far []Limiter, w Window, leg int) {
	reuse, gone := latestReuseAndEarliestClose(l.All)
	var first *Limiter
	for i, x := range far {
		if x.Low == gone && first == nil {
			first = &far[i]
		}
	}
	switch {
	case reuse == model.Never && gone == model.Never:
		l.Verdict = VerdictUnbounded
		l.Because = append(l.Because, l.Endless())
		return
	case gone == model.Never:
		l.Verdict = VerdictOK
		l.Because = append(l.Because, "only the client closes, so no request can meet a close")
		return
	case l.Session && first.By == ByServer:
		l.Verdict = VerdictOK
		l.Because = append(l.Because, fmt.Sprintf("%s ends a quiet session after %s, as it is told to; %s has no pool that would use it again",
			server.Endpoint.ID, model.HumanSpan(gone), client.Endpoint.ID))
		return
	case reuse == model.Never:
		l.risky(client, first)
		l.Because = append(l.Because, fmt.Sprintf("%s never gives an idle connection up, %s does after %s", client.Endpoint.ID, first.Ref.Endpoint, model.HumanSpan(gone)), l.Costs)
		return
	}
	l.HasMargin, l.Margin = true, gone-reuse
	l.Because = append(l.Because, fmt.Sprintf("margin: %s closes after %s at the earliest, %s reuses until %s at the latest: %s",
		first.Ref.Endpoint, model.HumanSpan(gone), client.Endpoint.ID, model.HumanSpan(reuse), model.HumanSpan(l.Margin)))
	if w.Assumed && l.Margin > 0 && l.Margin <= time.Second {
		l.Assuming = append(l.Assuming, ParamRef{legName(leg), model.ParamID(model.QuantityWindow)})
	}
	if l.Margin <= w.Width {
		l.risky(client, first)
		l.Because = append(l.Because, fmt.Sprintf("that is not more than the race window of %s: a request can be on its way when the connection goes", model.HumanSpan(w.Width)), l.Costs)
		return
	}
	l.Verdict = VerdictOK
	for _, x := range l.All {
		if x.Age && x.By == ByClient && x.High == reuse {
			l.Because = append(l.Because, fmt.Sprintf("cured by %s %s: %s retires a connection before %s closes it", x.Ref.Endpoint, x.Name, client.Endpoint.ID, first.Ref.Endpoint))
		}
	}
}

func legName(i int) model.EndpointID { return model.EndpointID(fmt.Sprintf("leg%d", i+1)) }

// risky is the verdict where the far side may be first: stale where it says
// nothing, race where it closes, retried where the client repeats whatever
// meets the close.
func (l *Limit) risky(client *Side, first *Limiter) {
	l.Verdict = VerdictRace
	l.First, l.Closes = first.By, first.Closes
	if first.By == ByMiddlebox && first.Closes.Untold() {
		l.Verdict = VerdictStale
	}
	if l.Repeats.Gentle && first.Closes.Resets() {
		l.Repeats.What, l.Repeats.Loses = model.RepeatsNone, ""
	}
	told := first.By != ByMiddlebox || first.Closes != model.CloseSilent && first.Closes != model.CloseUnknown
	switch id := client.Endpoint.ID; {
	case l.Session:
		l.Costs = "the session is lost: nothing takes it up again"
	case !told:
		l.Costs = fmt.Sprintf("the next request of %s goes into nothing, until it is given up", id)
	case l.Repeats.What == model.RepeatsAll:
		l.Verdict = VerdictRetried
		l.Costs = fmt.Sprintf("a close costs a round trip, no request: %s repeats every request that meets it", id)
	case l.Repeats.What == model.RepeatsIdempotent:
		l.Costs = fmt.Sprintf("%s repeats what meets the close, but not %s: those fail", id, l.Repeats.Loses)
	case l.Repeats.What == model.RepeatsNone:
		l.Costs = fmt.Sprintf("%s repeats nothing: a request that meets the close fails", id)
	default:
		l.Costs = fmt.Sprintf("whether %s repeats a request that meets the close is not known", id)
	}
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
		if row.Param.Face == model.FaceHost || row.Param.Role != model.RoleIdle && !caps {
			continue
		}
		if row.Param.Role != model.RoleIdle && !row.Value.IsSet() {
			continue
		}
		x := Limiter{
			By: by, Ref: ParamRef{s.Endpoint.ID, row.Param.ID}, Name: row.Param.Name, System: s.System.Name,
			Known: true, Low: row.Low, High: row.High, Closes: s.Face.Close,
			Text: row.describeOf(s.Endpoint.ID),
		}
		if needs := row.Param.Needs; needs != "" && s.value(needs) != model.ValueOn && finite(row) {
			x.Low, x.High = model.Never, model.Never
			x.Text += fmt.Sprintf(", which ends nothing without %s", needs.Name())
			found = append(found, x)
			continue
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
	return slices.Concat(found, s.ages(by), s.deadly(by))
}

// ages are the greatest ages that bound how long a connection can idle: it ends
// at once, or is looked at before it is used again.
func (s *Side) ages(by By) []Limiter {
	var found []Limiter
	for i := range s.Rows {
		row := &s.Rows[i]
		if row.Param.Role != model.RoleAge || !row.Param.AtOnce && !row.Param.Checked || !finite(row) {
			continue
		}
		x := Limiter{
			By: by, Ref: ParamRef{s.Endpoint.ID, row.Param.ID}, Name: row.Param.Name, System: s.System.Name,
			Known: true, Low: row.Low, High: row.High, Closes: s.Face.Close, Age: true,
			Text: fmt.Sprintf("%s: %s is the greatest age, so none idles for longer", s.Endpoint.ID, row.describe()),
		}
		if row.Param.Checked {
			x.Closes = model.CloseAtReuse
		}
		found = append(found, x)
	}
	return found
}

// deadly is the heartbeat whose first question ends the session, answered or
// not: where no unanswered one at all is allowed (ServerAliveCountMax 0).
func (s *Side) deadly(by By) []Limiter {
	h, count := s.heartbeat(), s.First(model.RolePingCount)
	if h == nil || count == nil || h.Wait > 0 {
		return nil
	}
	if n, ok := count.Value.Count(); !ok || n != 0 {
		return nil
	}
	return []Limiter{{
		By: by, Ref: ParamRef{s.Endpoint.ID, count.Param.ID}, Name: count.Param.Name, System: s.System.Name,
		Known: true, Low: h.Low, High: h.High, Closes: s.Face.Close,
		Text: fmt.Sprintf("%s: %s 0 ends a quiet session at the first question, answered or not: after %s", s.Endpoint.ID, count.Param.Name, model.HumanSpan(h.Low)),
	}}
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

// closedEachTime is the limit of a connection that serves one request. Where the
// client closes it, the server's timers stand all the same: they end what the
// client leaves open.
func closedEachTime(l Limit, row *Row, side *Side, far []Limiter) Limit {
	by := ByServer
	if side.Face.Kind == model.FaceClient {
		by = ByClient
	}
	l.Reused, l.Idle, l.High, l.By, l.First, l.Verdict = false, 0, 0, by, by, VerdictOK
	l.Limiter = Limiter{
		By: by, Ref: ParamRef{side.Endpoint.ID, row.Param.ID}, Name: row.Param.Name, System: side.System.Name,
		Known: true, Closes: side.Face.Close, Text: row.describeOf(side.Endpoint.ID),
	}
	l.Closes, l.All = side.Face.Close, []Limiter{l.Limiter}
	l.Because = []string{l.Limiter.Text, "keep-alive is off: each connection serves one request, so nothing is reused and nothing can race"}
	if by == ByClient {
		l.All = append(l.All, far...)
	}
	return l
}
