package tuning

import (
	"fmt"

	"example.com/keeptune/model"
)

// orderRules are about who closes first.
var orderRules = []*Rule{
	{
		ID: "ORD-1", Severity: Error,
		Title:   "the server may close while the client still reuses",
		Why:     "A request that is on its way when the close arrives is answered by a reset. Who repeats it by itself loses a round trip; otherwise a proxy reports a 502, a program a broken connection.",
		WrongIf: "the client never leaves a connection idle for so long, or the program repeats the request",
		Source:  "Microsoft KB833301; AWS load balancer attributes; medplum/medplum#2253",
		check:   checkRace,
	},
	{
		ID: "ORD-2", Severity: Warning,
		Title:   "the client closes first, but only just",
		Why:     "Round trips, timers that tick in seconds and busy event loops eat a small margin.",
		WrongIf: "both timers were measured and neither ever strays by so much",
		Source:  "envoyproxy/envoy#2324; nodejs/node keepAliveTimeoutBuffer",
		check:   checkThinMargin,
	},
	{
		ID: "ORD-4", Severity: Error,
		Title:   "the client keeps idle connections for ever",
		Why:     "After every quiet period the pool is full of connections that the server has closed.",
		WrongIf: "no request comes at the very moment of a close, and the client sees the close before it writes",
		Source:  "reactor/reactor-netty#1774; spring-cloud/spring-cloud-gateway#1148",
		check:   checkEndlessPool,
	},
	{
		ID: "ORD-5", Severity: Error,
		Title:   "the advertised timeout is not safely below the real one",
		Why:     "A client that believes the hint reuses the connection until the very moment at which the server closes it.",
		WrongIf: "no client on this path reads the hint",
		Source:  "nginx keepalive_timeout, second argument; nodejs/node#59243",
		check:   func(l *Leg) []Finding { return l.hintTooLong(false) },
	},
	{
		ID: "MID-2", Severity: Error,
		Title:   "a box on the way forgets the connection before the client does",
		Why:     "The next request goes into nothing: it hangs until retransmission gives up, or is reset.",
		WrongIf: "something on the connection sends more often than the box forgets",
		Source:  "kubermatic/kubelb#539; librdkafka#3289",
		check:   checkStale,
	},
}

// harm is how bad it is when the far side closes first, and what is assumed of
// it: it grows with what the client does not repeat.
func (l *Leg) harm() (Severity, []ParamRef) {
	switch l.Limit.Repeats.What {
	case model.RepeatsAll:
		return Info, nil
	case model.RepeatsIdempotent:
		return Warning, nil
	case model.RepeatsNone:
		return Error, nil
	}
	return Error, []ParamRef{{l.Client.Endpoint.ID, model.ParamID(l.Client.System.ID) + ".retries"}}
}

func checkRace(l *Leg) []Finding {
	if l.Limit.Verdict != VerdictRace && l.Limit.Verdict != VerdictRetried || !l.Limit.HasMargin || l.Limit.First == ByMiddlebox && l.Limit.Verdict == VerdictRetried {
		return nil
	}
	reuse, gone := latestReuseAndEarliestClose(l.Limit.All)
	var f Finding
	f.Severity, f.Assuming = l.harm()
	f.graded = true
	var closer, reuser model.EndpointID
	for _, x := range l.Limit.All {
		if x.By != ByClient && x.Low == gone {
			f.At, closer = append(f.At, x.Ref), x.Ref.Endpoint
		}
		if x.By == ByClient && x.High == reuse {
			f.At, reuser = append(f.At, x.Ref), l.Client.Endpoint.ID
		}
	}
	f.Because = append(f.Because, fmt.Sprintf("%s may close after %s, %s reuses until %s", closer, model.HumanSpan(gone), reuser, model.HumanSpan(reuse)))
	if l.Window.Worst > 0 {
		f.Because = append(f.Because, fmt.Sprintf("at the worst request rate 1 in %.0f reused requests meets the close (window %s)", 1/l.Window.Worst, model.HumanSpan(l.Window.Width)))
	}
	f.Because = append(f.Because, l.Limit.Costs)
	f.Assuming = append(f.Assuming, assumedOf(l, f.At)...)
	if n := l.countGiven(model.QuantityRaced); n > 0 {
		s, _ := l.given.Quantity(model.QuantityRaced)
		seen := fmt.Sprintf("%.0f requests met a close and got no answer", n)
		if n == 1 {
			seen = "1 request met a close and got no answer"
		}
		if w := model.Clean(s.Origin.Where, 120); w != "" {
			seen += ": " + w
		}
		f.Because = append(f.Because, seen)
		if f.proved = f.Severity > Info; f.proved {
			f.Severity = Error
		}
	}
	return []Finding{f}
}

func checkThinMargin(l *Leg) []Finding {
	need := leastMargin(l)
	if l.Limit.Verdict != VerdictOK || !l.Limit.HasMargin || l.Limit.Margin >= need {
		return nil
	}
	f := Finding{At: []ParamRef{l.Limit.Limiter.Ref}, graded: true, Severity: Warning, Because: []string{
		fmt.Sprintf("the margin is %s; at least %s is needed here, 5 s or a tenth is good", model.HumanSpan(l.Limit.Margin), model.HumanSpan(need)),
	}}
	if harm, _ := l.harm(); harm == Info {
		f.Severity = Info
		f.Because = append(f.Because, fmt.Sprintf("%s repeats every request that meets a close", l.Client.Endpoint.ID))
	}
	return []Finding{f}
}

// checkEndlessPool looks at the server alone: what a box forgets is another
// matter.
func checkEndlessPool(l *Leg) []Finding {
	reuse, _ := latestReuseAndEarliestClose(l.Limit.All)
	closes := model.Never
	for _, x := range l.limitersOf(ByServer) {
		if x.Known {
			closes = min(closes, x.Low)
		}
	}
	if !l.Limit.Reused || l.Limit.Session || l.Limit.Verdict == VerdictUnknown || reuse != model.Never || closes == model.Never {
		return nil
	}
	var f Finding
	f.Severity, f.Assuming = l.harm()
	f.graded = true
	f.Because = []string{fmt.Sprintf("%s closes after %s, %s never", l.Server.Endpoint.ID, model.HumanSpan(closes), l.Client.Endpoint.ID)}
	if l.Limit.Costs != "" && l.Limit.First == ByServer {
		f.Because = append(f.Because, l.Limit.Costs)
	}
	for _, x := range l.limitersOf(ByClient) {
		f.At = append(f.At, x.Ref)
	}
	return []Finding{f}
}

// hintTooLong fires where the hint, as this client reads it, decides for how long
// it reuses, and the connection may be gone by then: one of the server's own, or
// one that a proxy hands on.
func (l *Leg) hintTooLong(handedOn bool) []Finding {
	h := l.hint
	if (h.via != nil) != handedOn {
		return nil
	}
	_, gone := latestReuseAndEarliestClose(l.Limit.All)
	if !h.sent || h.when == model.HintUnknown || h.via == nil && h.row.Param.Role != model.RoleHint || gone == model.Never || !l.Limit.Reused {
		return nil
	}
	until, _, how := h.readBy(&l.Client)
	if how == "ignored" || until <= gone-leastMargin(l) {
		return nil
	}
	for _, x := range l.limitersOf(ByClient) {
		if how != "replace" && !x.Hint && x.High <= until {
			return nil // its own limit comes first
		}
	}
	f := Finding{
		At: []ParamRef{{h.from.Endpoint.ID, h.row.Param.ID}}, graded: true,
		Because: []string{fmt.Sprintf("%s, the connection may be gone after %s", h.advertised(), model.HumanSpan(gone))},
	}
	f.Severity, f.Assuming = l.harm()
	if h.span <= gone {
		f.Severity = min(f.Severity, Warning)
	}
	if how == "unknown" || !h.sure {
		f.Assuming = append(f.Assuming, ParamRef{l.Client.Endpoint.ID, model.ParamID(l.Client.System.ID) + ".hint"})
	}
	return []Finding{f}
}

// expiry is what a box that forgot a connection does with the next packet.
var expiry = map[model.CloseKind]string{
	model.CloseSilent:    "; it says nothing, and the next packet goes into nothing",
	model.CloseUnknown:   "; whether it says anything then is not known",
	model.CloseRSTOnSend: "; it answers the next packet with RST",
	model.CloseFIN:       "; it closes both ends",
}

func checkStale(l *Leg) []Finding {
	ends := l.Limit.First == ByMiddlebox && (l.Limit.Verdict == VerdictRetried || l.Limit.Verdict == VerdictRace && !l.Limit.HasMargin)
	if l.Limit.Verdict != VerdictStale && !ends {
		return nil
	}
	f := Finding{graded: true, Severity: Error}
	reuse, _ := latestReuseAndEarliestClose(l.Limit.All)
	for _, x := range l.Limit.All {
		b := l.boxOf(x.Ref)
		if x.By != ByMiddlebox || x.Low == model.Never || x.Low-l.Window.Width > reuse || b != nil && l.meantToHold(b) {
			continue // what somebody meant to hold open is MID-1's
		}
		f.At = append(f.At, x.Ref)
		f.Because = append(f.Because, x.Text+expiry[x.Closes])
		if b == nil {
			continue
		}
		for _, s := range l.lateFor(b) {
			f.Because = append(f.Because, s.text+", which is too late")
		}
		f.Because = append(f.Because, l.stopped(b)...)
	}
	if len(f.At) == 0 {
		return nil
	}
	f.Because = append(f.Because, l.Limit.Costs)
	if l.Limit.Verdict == VerdictRetried {
		f.Severity = Info
	}
	f.Assuming = assumedOf(l, f.At)
	return []Finding{f}
}

// boxOf is the box whose parameter is named, or nil.
func (l *Leg) boxOf(ref ParamRef) *Box {
	for i := range l.Boxes {
		if b := &l.Boxes[i]; b.Row != nil && b.Endpoint.ID == ref.Endpoint && b.Row.Param.ID == ref.Param {
			return b
		}
	}
	return nil
}

// assumedOf lists those of the given parameters that are only assumed.
func assumedOf(l *Leg, refs []ParamRef) []ParamRef {
	var found []ParamRef
	for _, ref := range refs {
		for _, side := range []*Side{&l.Client, &l.Server} {
			if row := side.Row(ref.Param); row != nil && row.Assumed && side.Endpoint.ID == ref.Endpoint {
				found = append(found, ref)
			}
		}
		if b := l.boxOf(ref); b != nil && b.Row.Assumed {
			found = append(found, ref)
		}
	}
	return found
}
