package tuning

import (
	"fmt"
	"slices"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// boxRules are about boxes on the way, and what passes them.
var boxRules = []*Rule{
	{
		ID: "MID-3", Severity: Error,
		Title:   "TCP probes do not hold a connection through a proxy",
		Why:     "A probe carries no bytes: the kernel of the proxy answers it, and its idle timer does not see it.",
		WrongIf: "the probes are meant to find dead peers, and nothing else",
		Source:  "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/config-idle-timeout.html; Envoy FAQ on timeouts; buildbot/buildbot#4078",
		check:   checkProbesAtProxy,
	},
	{
		ID: "MID-4", Severity: Error,
		Title:   "HTTP/2 PING does not hold a connection to an ALB",
		Why:     "The load balancer does not take a PING frame for traffic; its idle timer runs on.",
		WrongIf: "the pings are meant to find dead peers, and nothing else",
		Source:  "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout",
		check:   checkPingsAtALB,
	},
	{
		ID: "MID-6", Severity: Warning,
		Title:   "one end is never told that the box forgot the connection",
		Why:     "The box answers whoever sends next; the other end, which has neither probes nor a timer, keeps its half for ever.",
		WrongIf: "that end sends regularly",
		Source:  "erebe/wstunnel#6; private-attribution/ipa#758",
		check:   checkHalfOpen,
	},
	{
		ID: "MID-7", Severity: Info,
		Title:   "kube-proxy's IPVS forgets a quiet connection after 15 minutes",
		Why:     "The sysctls that would send probes in time belong into the pod (securityContext.sysctls), not on the node: they are per network namespace. kube-proxy --ipvs-tcp-timeout raises the time itself.",
		WrongIf: "never",
		Source:  "cloudnativelabs/kube-router#521; kubernetes/kubernetes#71358",
		check:   func(l *Leg) []Finding { return l.forgets("ipvs") },
	},
	{
		ID: "MID-8", Severity: Info,
		Title:   "Azure forgets a quiet connection after minutes",
		Why:     "After 4 minutes by default, and in silence unless TCP reset is enabled on the rule: enable it, and send something at least every 2 minutes.",
		WrongIf: "never",
		Source:  "https://learn.microsoft.com/azure/load-balancer/load-balancer-tcp-reset; crate/crate#10779",
		check:   func(l *Leg) []Finding { return l.forgets("azure-lb", "azure-nat-gateway") },
	},
	{
		ID: "MID-9", Severity: Warning,
		Title:   "probes are on, but with the system's two hours",
		Why:     "SO_KEEPALIVE alone leaves the times to the operating system; most boxes forget a connection within minutes.",
		WrongIf: "the probes are meant to find dead peers, and nothing else",
		Source:  "RFC 5382 REQ-5; cockroachdb/cockroach#13823",
		check:   checkDefaultProbes,
	},
	{
		ID: "MID-10", Severity: Info,
		Title:   "conntrack may reset connections for lost packets, which no timeout changes",
		Why:     "Packets beside its window are invalid to it: they are not translated, and the stray RST ends the connection. net.netfilter.nf_conntrack_tcp_be_liberal = 1, or dropping what is invalid, is the cure.",
		WrongIf: "nf_conntrack_tcp_be_liberal is 1",
		Source:  "kubernetes/kubernetes#74839; kubernetes/kubernetes#120354",
		check:   checkLossy,
	},
	{
		ID: "MID-11", Severity: Error,
		Title:   "a box forgets the connection while the server works on a request",
		Why:     "Nothing is on the wire until the answer comes, so to the box the connection is idle; the answer is lost, and the client waits.",
		WrongIf: "the answer comes in pieces, or the request ends by a job that is asked for later",
		Source:  "npgsql/npgsql#1555; encode/httpx#2975",
		check:   checkSlowAnswer,
	},
	{
		ID: "MID-12", Severity: Error,
		Title:   "signs of life come too close to the limit",
		Why:     "One that is late or lost is enough, and where the two are equal it always loses. Half of the limit leaves room for one.",
		WrongIf: "the signs of life are exact, and none gets lost",
		Source:  "eclipse-paho/paho.mqtt.c#724",
		check:   checkCloseBeats,
	},
	{
		ID: "MID-13", Severity: Warning,
		Title:   "the server promises a connection that a box forgets",
		Why:     "The client keeps it for as long as it was told, and the box does not.",
		WrongIf: "something on the connection sends more often than the box forgets",
		Source:  "https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Keep-Alive",
		check:   checkPromise,
	},
}

// open reports whether a connection of the leg can be idle for so long that the box
// forgets it, and nothing passes the box meanwhile.
func (l *Leg) open(b *Box) bool {
	d, ok := b.Row.Value.Duration()
	return ok && d != model.Never && !b.Refreshed && b.System.Tracking != nil && l.canReach(b.Row.Low)
}

// worse is how grave it is that the far side or a box ends a connection.
func (l *Leg) worse() Severity {
	if l.Limit.Verdict == VerdictRetried {
		return Info
	}
	return Error
}

func (b *Box) ref() ParamRef { return ParamRef{b.Endpoint.ID, b.Row.Param.ID} }

func (b *Box) assumed() []ParamRef {
	if b.Row.Assumed {
		return []ParamRef{b.ref()}
	}
	return nil
}

func checkProbesAtProxy(l *Leg) []Finding {
	s := &l.Client
	row := s.First(model.RoleProbeIdle)
	if row == nil || !s.on(model.RoleKeepAlive) || !s.said(row) || !l.Limit.Reused || l.Limit.Verdict == VerdictUnknown {
		return nil
	}
	every := detect.ProbesEvery(s.Kernel)
	f := Finding{At: []ParamRef{s.ref(row)}, graded: true, Severity: Warning}
	ends := func(ref ParamRef, name model.EndpointID, low time.Duration) {
		f.At = append(f.At, ref)
		f.Because = append(f.Because, fmt.Sprintf("%s probes after %s, %s ends what is idle for %s all the same", s.Endpoint.ID, model.HumanSpan(row.Low), name, model.HumanSpan(low)))
	}
	for i := range l.Boxes {
		if b := &l.Boxes[i]; l.open(b) && b.System.Tracking.Refreshed == model.AnswerNo && every < b.Row.Low {
			ends(b.ref(), b.Endpoint.ID, b.Row.Low)
		}
	}
	if x := l.Limit.Limiter; l.Server.System.Kind == "proxy" && x.By == ByServer && !x.Age && every < x.Low && (l.risky() || l.Limit.Session) {
		ends(x.Ref, l.Server.Endpoint.ID, x.Low)
	}
	if len(f.Because) == 0 {
		return nil
	}
	if l.risky() {
		f.Severity, f.Assuming = l.harm()
	}
	return []Finding{f}
}

func checkPingsAtALB(l *Leg) []Finding {
	h, x := l.Client.heartbeat(), l.Limit.Limiter
	if h == nil || !l.Server.one("aws-alb") || !l.Client.said(l.Client.First(model.RolePingEvery)) || x.By != ByServer || !x.Known || h.High >= x.Low || !l.risky() {
		return nil
	}
	return []Finding{{
		At: []ParamRef{h.Ref, x.Ref}, graded: true, Severity: max(l.worse(), Warning),
		Because: []string{fmt.Sprintf("%s pings after %s, %s ends what is idle for %s all the same", l.Client.Endpoint.ID, model.HumanSpan(h.Low), l.Server.Endpoint.ID, model.HumanSpan(x.Low))},
	}}
}

// checkHalfOpen looks for an end that nothing ever closes. It is a warning where
// somebody counts what is left over.
func checkHalfOpen(l *Leg) []Finding {
	var found []Finding
	for i := range l.Boxes {
		b := &l.Boxes[i]
		if !l.open(b) || !b.OnExpiry.OnSend() {
			continue
		}
		for i, s := range bothSides(l) {
			ka := s.First(model.RoleKeepAlive)
			if s != l.beside(b)[i] || ka == nil || ka.Value != model.ValueOff || s.heartbeat() != nil || l.watched(s) || l.timed(s) {
				continue
			}
			f := Finding{
				At: []ParamRef{s.ref(ka), b.ref()}, graded: true, Assuming: b.assumed(),
				Because: []string{fmt.Sprintf("%s forgets after %s and answers whoever sends; %s waits for ever", b.Endpoint.ID, model.HumanSpan(b.Row.Low), s.Endpoint.ID)},
			}
			if l.spanGiven(model.QuantityNotice) > 0 || l.countGiven(model.QuantityCapacity) > 0 {
				f.Severity = Warning
			}
			found = append(found, f)
		}
	}
	return found
}

// timed reports whether a side has a timer that ends a quiet connection, or may
// have one.
func (l *Leg) timed(s *Side) bool {
	by := ByServer
	if s.Face.Kind == model.FaceClient {
		by = ByClient
	}
	return slices.ContainsFunc(l.limitersOf(by), func(x Limiter) bool {
		return !x.Known || x.Low != model.Never && x.Closes != model.CloseAtReuse
	})
}

// forgets tells of boxes of some kinds what is particular about them, where MID-1
// or MID-2 says that they end a connection.
func (l *Leg) forgets(kinds ...model.SystemID) []Finding {
	var found []Finding
	for i := range l.Boxes {
		if b := &l.Boxes[i]; slices.Contains(kinds, b.System.ID) && l.open(b) {
			found = append(found, Finding{
				At: []ParamRef{b.ref()}, graded: true,
				Because: []string{fmt.Sprintf("%s: %s, and nothing passes it before", b.Endpoint.ID, b.Row.describe())},
			})
		}
	}
	return found
}

func checkDefaultProbes(l *Leg) []Finding {
	var found []Finding
	for i := range l.Boxes {
		b := &l.Boxes[i]
		if !l.open(b) || b.System.Tracking.Refreshed != model.AnswerYes {
			continue
		}
		for _, s := range l.beside(b) {
			ka, row := s.First(model.RoleKeepAlive), s.First(model.RoleProbeIdle)
			if ka == nil || row == nil || ka.Value != model.ValueOn || !s.said(ka) || s.said(row) || row.Low < b.Row.Low {
				continue
			}
			f := Finding{
				At: []ParamRef{s.ref(row), s.ref(ka)}, graded: true, Severity: min(Warning, l.worse()), Assuming: b.assumed(),
				Because: []string{fmt.Sprintf("%s: %s; %s forgets after %s", s.Endpoint.ID, row.describe(), b.Endpoint.ID, model.HumanSpan(b.Row.Low))},
			}
			found = append(found, f)
		}
	}
	return found
}

func checkLossy(l *Leg) []Finding {
	if !l.holds(model.QuantityLossy) {
		return nil
	}
	for i := range l.Boxes {
		if b := &l.Boxes[i]; b.System.ID == "conntrack" {
			return []Finding{{
				At: []ParamRef{b.ref(), l.quantity(model.QuantityLossy)}, graded: true,
				Because: []string{fmt.Sprintf("%s is on the way, and packets get lost or transfers are large", b.Endpoint.ID)},
			}}
		}
	}
	return nil
}

func checkSlowAnswer(l *Leg) []Finding {
	slow := l.spanGiven(model.QuantitySlowest)
	if slow == 0 {
		return nil
	}
	var found []Finding
	for i := range l.Boxes {
		b := &l.Boxes[i]
		d, ok := b.Row.Value.Duration()
		if !ok || d == model.Never || b.Row.Low > slow || b.System.Tracking == nil || l.passed(b) {
			continue
		}
		found = append(found, Finding{
			At: []ParamRef{b.ref(), l.quantity(model.QuantitySlowest)}, graded: true, Severity: Error, Assuming: b.assumed(),
			Because: []string{fmt.Sprintf("%s: %s, an answer takes up to %s, and nothing passes it meanwhile", b.Endpoint.ID, b.Row.describe(), model.HumanSpan(slow))},
		})
	}
	return found
}

// passed reports whether probes or questions of either end pass a box in time while
// a request is open.
func (l *Leg) passed(b *Box) bool {
	for _, s := range bothSides(l) {
		if h := s.heartbeat(); h != nil && h.High < b.Row.Low {
			return true
		}
	}
	for _, s := range l.beside(b) {
		if b.System.Tracking.Refreshed == model.AnswerYes && detect.ProbesEvery(s.Kernel) < b.Row.Low {
			return true
		}
	}
	return false
}

// checkCloseBeats holds what the application sends by itself against what would end
// the connection: as given, or as set.
func checkCloseBeats(l *Leg) []Finding {
	tight := func(every, limit time.Duration) bool { return limit != model.Never && every >= limit/4*3 }
	if p := l.spanGiven(model.QuantityWriteEvery); p > 0 && l.Limit.Reused && l.Limit.Verdict != VerdictUnknown {
		_, gone := latestReuseAndEarliestClose(l.Limit.All)
		if !tight(p, gone) {
			return nil
		}
		f := Finding{At: []ParamRef{l.quantity(model.QuantityWriteEvery)}, graded: true, Severity: Warning}
		for _, x := range l.Limit.All {
			if x.By != ByClient && x.Low == gone {
				f.At = append(f.At, x.Ref)
				f.Because = append(f.Because, fmt.Sprintf("the application writes every %s; %s", model.HumanSpan(p), x.Text))
			}
		}
		if p >= gone {
			f.Severity = Error
		}
		f.Assuming = assumedOf(l, f.At)
		return []Finding{f}
	}
	var found []Finding
	for i := range l.Boxes {
		b := &l.Boxes[i]
		for _, s := range bothSides(l) {
			h := s.heartbeat()
			if h == nil || b.Held != h.Ref || !tight(h.High, b.Row.Low) || !s.said(s.First(model.RolePingEvery)) {
				continue
			}
			found = append(found, Finding{
				At: []ParamRef{h.Ref, b.ref()}, graded: true, Severity: Warning, Assuming: b.assumed(),
				Because: []string{fmt.Sprintf("%s sends every %s, %s forgets after %s", s.Endpoint.ID, model.HumanSpan(h.High), b.Endpoint.ID, model.HumanSpan(b.Row.Low))},
			})
		}
	}
	return found
}

func checkPromise(l *Leg) []Finding {
	h := l.hint
	if !h.sent || h.when == model.HintUnknown {
		return nil
	}
	until, _, how := h.readBy(&l.Client)
	if how != model.HintShortens && how != model.HintReplaces {
		return nil
	}
	var found []Finding
	for i := range l.Boxes {
		if b := &l.Boxes[i]; l.open(b) && until >= b.Row.Low {
			found = append(found, Finding{
				At: []ParamRef{{h.from.Endpoint.ID, h.row.Param.ID}, b.ref()}, graded: true, Severity: min(Warning, l.worse()), Assuming: b.assumed(),
				Because: []string{fmt.Sprintf("%s; %s forgets after %s", h.advertised(), b.Endpoint.ID, model.HumanSpan(b.Row.Low))},
			})
		}
	}
	return found
}
