package tuning

import (
	"fmt"
	"slices"
	"time"

	"example.com/keeptune/model"
)

const (
	nginxLeastIdle model.ParamID = "nginx.keepalive_min_timeout"
	nodeHeaders    model.ParamID = "node.headersTimeout"
	nodeIdle       model.ParamID = "node.keepAliveTimeout"
)

// reuseRules are about the moment of a close and what comes at it.
var reuseRules = []*Rule{
	{
		ID: "ORD-3", Severity: Error,
		Title:   "requests come just when the connection is closed",
		Why:     "Where requests come regularly and as far apart as the idle time, nearly each of them meets the close, not one in thousands.",
		WrongIf: "other requests use the same connection in between",
		Source:  "nodejs/node#35526; marin-community/marin#2818; node-modules/agentkeepalive#23",
		check:   checkPeriod,
	},
	{
		ID: "ORD-6", Severity: Info,
		Title:   "the advertised timeout protects other clients, not this one",
		Why:     "The server says how long it keeps a connection, and this client does not listen: with a client that does, the same server looks well.",
		WrongIf: "never",
		Source:  "JuliaWeb/HTTP.jl#1155; oven-sh/bun#35817",
		check:   checkIgnoredHint,
	},
	{
		ID: "ORD-7", Severity: Warning,
		Title:   "an old Node ends kept connections by its header timer",
		Why:     "Before 18.2 the header timer of Node runs from the end of the last request on a kept connection, so the smaller of the two times closes it. From 18.2 on it does not: there this is no reason to raise it.",
		WrongIf: "headersTimeout is set by the program and not given here",
		Source:  "nodejs/node#27363; nodejs/node CHANGELOG 18.2.0",
		check:   checkHeaderTimer,
	},
	{
		ID: "ORD-8", Severity: Error,
		Title:   "a request that must not be sent twice fails at the close",
		Why:     "A GET that meets the close is sent again in silence; a POST is not, so it fails, and the error is seen with those requests only.",
		WrongIf: "the program repeats them itself, with an Idempotency-Key",
		Source:  "traefik/traefik#3237; golang/go#22158; Go net/http Transport isReplayable",
		check:   checkPosts,
	},
	{
		ID: "ORD-9", Severity: Warning,
		Title:   "the number of requests ends connections, and soon",
		Why:     "What an idle time does after seconds of silence the count does under load: the connection ends, and unless the last answer says Connection: close a request can be on its way.",
		WrongIf: "the last answer says Connection: close, and new connections cost nothing",
		Source:  "reactor/reactor-netty#2263; https://nginx.org/en/docs/http/ngx_http_core_module.html#keepalive_requests",
		check:   checkRequests,
	},
	{
		ID: "ORD-10", Severity: Info,
		Title:   "many connections reach their greatest age at one time",
		Why:     "Connections that began together end together, and all come back at once.",
		WrongIf: "they began at different times",
		Source:  "grpc/proposal A9; https://nginx.org/en/docs/http/ngx_http_core_module.html#keepalive_time",
		check:   checkAges,
	},
	{
		ID: "ORD-11", Severity: Warning,
		Title:   "each reload closes idle connections under the client",
		Why:     "A reload closes every idle connection at once, whatever its timeout: a burst of the race that the timeouts avoid.",
		WrongIf: "reloads come when there is no traffic, or the connections are drained before",
		Source:  "nginx/nginx#303; https://nginx.org/en/docs/http/ngx_http_core_module.html#keepalive_min_timeout",
		check:   checkReloads,
	},
	{
		ID: "ORD-12", Severity: Warning,
		Title:   "idle connections keep a stopping server from ending in time",
		Why:     "It waits for connections that nobody uses until it is killed, and the requests that run then are cut off.",
		WrongIf: "the program closes idle connections itself when it is told to end",
		Source:  "https://nodejs.org/api/http.html#serverclosecallback; growthbook/growthbook-proxy#135",
		check:   checkGrace,
	},
	{
		ID: "ORD-13", Severity: Error,
		Title:   "a proxy hands on what its server advertises, and closes earlier",
		Why:     "HAProxy and Pound pass a server's Keep-Alive header to the client. It speaks of the connection behind the proxy; the one that the client has ends by the proxy's own timeout.",
		WrongIf: "no client on this path reads the hint, or the header is taken out on the way",
		Source:  "measured on HAProxy 2.6.12 and 3.2.26, Pound 4.23",
		check:   func(l *Leg) []Finding { return l.hintTooLong(true) },
	},
}

// risky reports whether the far side may be first.
func (l *Leg) risky() bool {
	return slices.Contains([]Verdict{VerdictRace, VerdictStale, VerdictRetried}, l.Limit.Verdict)
}

// checkPeriod holds the time between requests against the moment of the close:
// twice the window before and after it.
func checkPeriod(l *Leg) []Finding {
	p := l.spanGiven(model.QuantityPeriod)
	if p == 0 || !l.Limit.Reused || l.Limit.Verdict == VerdictUnknown {
		return nil
	}
	reuse, gone := latestReuseAndEarliestClose(l.Limit.All)
	latest := gone
	for _, x := range l.Limit.All {
		if x.By != ByClient && x.Low == gone {
			latest = max(latest, x.High)
		}
	}
	meets := func(from, to time.Duration) bool {
		return from != model.Never && p >= from-2*l.Window.Width && p <= to+2*l.Window.Width
	}
	f := Finding{graded: true, At: []ParamRef{l.quantity(model.QuantityPeriod)}}
	switch {
	case l.risky() && meets(gone, latest):
		f.Severity, f.Assuming = l.harm()
		f.Because = []string{fmt.Sprintf("requests come every %s, the connection goes after %s (window %s)", model.HumanSpan(p), model.HumanSpan(gone), model.HumanSpan(l.Window.Width)), l.Limit.Costs}
	case !l.risky() && meets(reuse, reuse):
		f.Because = []string{fmt.Sprintf("requests come every %s, and %s lets go after %s: now and then each needs a new connection", model.HumanSpan(p), l.Client.Endpoint.ID, model.HumanSpan(reuse))}
	default:
		return nil
	}
	f.At = append(f.At, l.Limit.Limiter.Ref)
	return []Finding{f}
}

func checkIgnoredHint(l *Leg) []Finding {
	h := l.hint
	if !h.sent || h.when == model.HintUnknown || h.via != nil || !l.risky() || l.Limit.First != ByServer {
		return nil
	}
	if _, _, how := h.readBy(&l.Client); how != model.HintIgnored {
		return nil
	}
	for _, x := range l.limitersOf(ByClient) {
		if row := l.Client.Row(x.Ref.Param); row != nil && l.Client.said(row) {
			return nil
		}
	}
	return []Finding{{
		At: []ParamRef{{h.from.Endpoint.ID, h.row.Param.ID}}, graded: true,
		Because: []string{fmt.Sprintf("%s; %s ignores it, and its own limit is as its makers have it", h.advertised(), l.Client.Endpoint.ID)},
	}}
}

func checkHeaderTimer(l *Leg) []Finding {
	s := &l.Server
	if !s.one("node") || s.System.Order.Compare(s.Version, "18.2") >= 0 {
		return nil
	}
	header, idle := s.Row(nodeHeaders), s.Row(nodeIdle)
	if !finite(header) || !finite(idle) || header.Low > idle.Low {
		return nil
	}
	return []Finding{{
		At:      []ParamRef{s.ref(header), s.ref(idle)},
		Because: []string{fmt.Sprintf("%s: %s, %s", s.Endpoint.ID, header.describe(), idle.describe())},
	}}
}

// checkPosts is one step above the finding on the order of closes.
func checkPosts(l *Leg) []Finding {
	if !l.holds(model.QuantityPosts) || l.Limit.Session || len(checkRace(l))+len(checkThinMargin(l))+len(checkEndlessPool(l)) == 0 {
		return nil
	}
	f := Finding{At: []ParamRef{l.quantity(model.QuantityPosts), l.Limit.Limiter.Ref}, graded: true, Severity: Error}
	switch r := l.Limit.Repeats; r.What {
	case model.RepeatsAll:
		return nil
	case model.RepeatsIdempotent:
		f.Because = []string{fmt.Sprintf("%s does not repeat %s", l.Client.Endpoint.ID, r.Loses)}
	case model.RepeatsNone:
		f.Because = []string{fmt.Sprintf("%s repeats nothing", l.Client.Endpoint.ID)}
	default:
		_, f.Assuming = l.harm()
		f.Because = []string{fmt.Sprintf("whether %s repeats them is not known", l.Client.Endpoint.ID)}
	}
	return []Finding{f}
}

// soonUsedUp is the time within which a number of requests that ends connections
// matters, and fewRequests the number, where the last answer announces the end.
const (
	soonUsedUp  = time.Minute
	fewRequests = 100
)

func checkRequests(l *Leg) []Finding {
	r := l.Limit.Requests
	rate, ok := perSecond(l.given, model.QuantityRate)
	if r == nil || !ok || !l.Limit.Reused || r.Ref.Endpoint != l.Server.Endpoint.ID || r.LastSaysClose && r.Count > fewRequests {
		return nil
	}
	lasts := float64(r.Count) / rate
	if lasts > soonUsedUp.Seconds() {
		return nil
	}
	last := "the last answer says Connection: close"
	if !r.LastSaysClose {
		last = "nobody says that the last answer announces the end"
	}
	return []Finding{{
		At:      []ParamRef{r.Ref},
		Because: []string{fmt.Sprintf("%s: at %s requests a second each connection ends after %s s", r.Text, model.Figures(rate, 3), model.Figures(lasts, 3)), last},
	}}
}

// manyTogether is how many connections make a stampede.
const manyTogether = 100

// checkAges leaves out what spreads the ages by itself: gRPC's servers add or take up to a
// tenth (grpc/proposal A9; @grpc/grpc-js 1.14.0, server.ts).
func checkAges(l *Leg) []Finding {
	age := l.Limit.Age
	if age == nil || age.Ends != "at-once" || l.Server.one("grpc-server", "grpc-js-server") || l.Load.IdleConnections == nil || *l.Load.IdleConnections < manyTogether {
		return nil
	}
	for _, s := range bothSides(l) {
		row := s.Row(age.Ref.Param)
		if row == nil || s.Endpoint.ID != age.Ref.Endpoint || !s.said(row) || row.High-row.Low > age.After/20 {
			continue
		}
		return []Finding{{
			At: []ParamRef{age.Ref}, graded: true,
			Because: []string{fmt.Sprintf("%s: %s ends %.0f connections, and nothing spreads them", s.Endpoint.ID, row.describe(), *l.Load.IdleConnections)},
		}}
	}
	return nil
}

func checkReloads(l *Leg) []Finding {
	s := &l.Server
	if !l.holds(model.QuantityReloads) || !l.Limit.Reused || l.Limit.Session || !s.one("nginx", "ingress-nginx", "haproxy") {
		return nil
	}
	if s.one("haproxy") && s.System.Order.Compare(s.Version, "2.4") < 0 {
		return nil
	}
	idle := s.First(model.RoleIdle)
	reuse, _ := latestReuseAndEarliestClose(l.limitersOf(ByClient))
	f := Finding{At: []ParamRef{s.ref(idle)}, graded: true, Severity: Warning}
	if least := s.Row(nginxLeastIdle); least != nil {
		if finite(least) && least.Low > reuse {
			return nil
		}
		f.At = []ParamRef{s.ref(least)}
		f.Because = []string{fmt.Sprintf("%s: %s; %s reuses until %s", s.Endpoint.ID, least.describe(), l.Client.Endpoint.ID, model.HumanSpan(reuse))}
	} else {
		f.Because = []string{fmt.Sprintf("%s %s has no setting that holds idle connections through a reload", s.System.Name, s.Version)}
	}
	if harm, _ := l.harm(); harm == Info {
		f.Severity = Info
		f.Because = append(f.Because, fmt.Sprintf("%s repeats every request that meets a close", l.Client.Endpoint.ID))
	}
	return []Finding{f}
}

// checkGrace looks at Node before 19, whose server.close() leaves idle
// connections open.
func checkGrace(l *Leg) []Finding {
	s := &l.Server
	grace, given := l.given.Quantity(model.QuantityGrace)
	row := s.First(model.RoleIdle)
	if !given || !l.Limit.Reused || !s.one("node") || s.System.Order.Compare(s.Version, "19") >= 0 || row == nil {
		return nil
	}
	d, _ := grace.Value.Duration()
	if row.Value != model.ValueNever && row.Low <= d {
		return nil
	}
	return []Finding{{
		At:      []ParamRef{s.ref(row), l.quantity(model.QuantityGrace)},
		Because: []string{fmt.Sprintf("%s: %s, and it has %s to end", s.Endpoint.ID, row.describe(), model.HumanSpan(d))},
	}}
}
