package tuning

import (
	"fmt"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// orderRules are about who closes first.
var orderRules = []*Rule{
	{
		ID: "ORD-1", Severity: Error,
		Title:   "the server may close while the client still reuses",
		Why:     "A request that is on its way when the close arrives is answered by a reset: the client reports a 502 or a broken connection.",
		WrongIf: "the client never leaves a connection idle for so long, or repeats every method by itself",
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
		WrongIf: "the client notices a close at once and never writes to a closed connection",
		Source:  "reactor/reactor-netty#1774; spring-cloud/spring-cloud-gateway#1148",
		check:   checkEndlessPool,
	},
	{
		ID: "ORD-5", Severity: Warning,
		Title:   "the advertised timeout is not safely below the real one",
		Why:     "A client that believes the hint reuses the connection until the very moment at which the server closes it.",
		WrongIf: "no client on this path reads the hint",
		Source:  "nginx keepalive_timeout, second argument; nodejs/node#59243",
		check:   checkHint,
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

func checkRace(l *Leg) []Finding {
	if l.Limit.Verdict != VerdictRace || !l.Limit.HasMargin {
		return nil
	}
	reuse, gone := reuseAndGone(l.Limit.All)
	f := Finding{Because: []string{
		fmt.Sprintf("the far side may close after %s, the client reuses until %s", model.HumanSpan(gone), model.HumanSpan(reuse)),
		fmt.Sprintf("at the worst request rate 1 in %.0f reused requests meets the close (window %s)", 1/max(l.Window.Worst, 1e-12), model.HumanSpan(l.Window.Width)),
	}}
	var sooner []Remedy // after the server's: waiting longer breaks nobody
	for _, x := range l.Limit.All {
		if x.By == ByServer && x.Low == gone {
			f.At = append(f.At, x.Ref)
			f.Remedies = append(f.Remedies, serverLonger(l, x, wholeUp(reuse+goodMargin(reuse, l.Window)))...)
		}
		if x.By == ByClient && x.High == reuse {
			f.At = append(f.At, x.Ref)
			sooner = append(sooner, setTo(&l.Client, x.Ref.Param, wholeDown(gone-min(goodMargin(gone, l.Window), gone/2)), "let the client give up sooner")...)
		}
	}
	f.Remedies = append(f.Remedies, sooner...)
	f.Assuming = assumedOf(l, f.At)
	return []Finding{f}
}

// serverLonger lets the server wait for d: its first limiter, and every other
// that would end the connection before. It is nothing where one cannot be set.
func serverLonger(l *Leg, first Limiter, d time.Duration) []Remedy {
	found := setTo(&l.Server, first.Ref.Param, d, "let the server wait longer")
	for _, x := range l.limitersOf(ByServer) {
		if len(found) == 0 || x.Ref == first.Ref || !x.Known || x.Low >= d {
			continue
		}
		other := setTo(&l.Server, x.Ref.Param, d, "and")
		if len(other) == 0 {
			return nil
		}
		found[0].Label += " and " + strings.TrimPrefix(other[0].Label, "and: ")
		found[0].Edits = append(found[0].Edits, other[0].Edits...)
	}
	return found
}

func checkThinMargin(l *Leg) []Finding {
	need := leastMargin(l)
	if l.Limit.Verdict != VerdictOK || !l.Limit.HasMargin || l.Limit.Margin >= need {
		return nil
	}
	reuse, gone := reuseAndGone(l.Limit.All)
	f := Finding{At: []ParamRef{l.Limit.Limiter.Ref}, Because: []string{
		fmt.Sprintf("the margin is %s; at least %s is needed here, 5 s or a tenth is good", model.HumanSpan(l.Limit.Margin), model.HumanSpan(need)),
	}}
	for _, x := range l.Limit.All {
		if x.By == ByServer && x.Low == gone {
			f.Remedies = append(f.Remedies, serverLonger(l, x, wholeUp(reuse+goodMargin(reuse, l.Window)))...)
		}
	}
	return []Finding{f}
}

func checkEndlessPool(l *Leg) []Finding {
	reuse, gone := reuseAndGone(l.Limit.All)
	if !l.Limit.Reused || l.Limit.Verdict == VerdictUnknown || reuse != model.Never || gone == model.Never {
		return nil
	}
	f := Finding{Because: []string{fmt.Sprintf("the far side closes after %s, the client never", model.HumanSpan(gone))}}
	for _, x := range l.Limit.All {
		if x.By == ByClient {
			f.At = append(f.At, x.Ref)
			if x.Low != model.Never { // it begins to close but has no last moment: a smaller value changes nothing
				continue
			}
			f.Remedies = append(f.Remedies, setTo(&l.Client, x.Ref.Param, wholeDown(gone-min(goodMargin(gone, l.Window), gone/2)), "give the pool an idle limit")...)
		}
	}
	return []Finding{f}
}

func checkHint(l *Leg) []Finding {
	hint, row, _, sent, _ := hintOf(&l.Client, &l.Server)
	_, gone := reuseAndGone(l.Limit.All)
	if !sent || gone == model.Never || row.Param.Role != model.RoleHint || hint <= gone-time.Second {
		return nil
	}
	return []Finding{{
		At:      []ParamRef{{l.Server.Endpoint.ID, row.Param.ID}},
		Because: []string{fmt.Sprintf("%s is advertised, the connection may be gone after %s", model.HumanSpan(hint), model.HumanSpan(gone))},
		Remedies: setTo(&l.Server, row.Param.ID, wholeDown(gone-min(goodMargin(gone, l.Window), gone/2)),
			"advertise less"),
	}}
}

func checkStale(l *Leg) []Finding {
	if l.Limit.Verdict != VerdictStale {
		return nil
	}
	var f Finding
	for _, x := range l.Limit.All {
		if x.By != ByMiddlebox || x.Low == model.Never {
			continue
		}
		f.At = append(f.At, x.Ref)
		f.Because = append(f.Because, x.Text)
		for _, own := range l.limitersOf(ByClient) {
			f.Remedies = append(f.Remedies, setTo(&l.Client, own.Ref.Param, wholeDown(x.Low/2), "let the client give up sooner")...)
		}
	}
	f.Assuming = assumedOf(l, f.At)
	return []Finding{f}
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
	}
	return found
}
