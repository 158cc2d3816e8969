package tuning

import (
	"fmt"

	"example.com/keeptune/model"
)

const (
	haproxyIdle   model.ParamID = "haproxy.timeout http-keep-alive"
	haproxyClient model.ParamID = "haproxy.timeout client"
	apacheTTL     model.ParamID = "apache.upstream.ttl"
	apachePrefork model.ParamID = "apache.MPM prefork or worker"
)

// fallbackRules are about values that take the place of others, or of nothing.
var fallbackRules = []*Rule{
	{
		ID: "EFF-2", Severity: Warning,
		Title:   "another timer of HAProxy takes the place of http-keep-alive",
		Why:     "Where timeout http-keep-alive is not set, timeout http-request governs, else timeout client; where it is longer than timeout client, some versions close after the latter.",
		WrongIf: "the shorter time is the one that is wanted",
		Source:  "https://docs.haproxy.org/3.2/configuration.html#4.2-timeout%20http-keep-alive; haproxy/haproxy#2334",
		check:   checkHAProxy,
	},
	{
		ID: "EFF-3", Severity: Info,
		Title:   "Tomcat's connectionTimeout is its idle timeout, too",
		Why:     "keepAliveTimeout is not set, so idle connections end by a time that was meant for something else.",
		WrongIf: "never",
		Source:  "https://tomcat.apache.org/tomcat-10.1-doc/config/http.html; reactor/reactor-netty#1318",
		check:   checkTomcat,
	},
	{
		ID: "EFF-4", Severity: Warning,
		Title:   "Go's IdleTimeout is not set",
		Why:     "ReadTimeout, meant for slow requests, ends idle connections then; where that is 0, too, nothing does.",
		WrongIf: "the server sets IdleTimeout, and it is not given here",
		Source:  "go1.26.8:src/net/http/server.go (*Server).idleTimeout",
		check:   checkGoIdle,
	},
	{
		ID: "EFF-6", Severity: Info,
		Title:   "nginx keeps connections to its servers without being told to",
		Why:     "From 1.29.7 on each worker keeps up to 32 for each location; before, it kept none. A server sees more idle connections than before, and the order of closes matters.",
		WrongIf: "never",
		Source:  "https://nginx.org/en/CHANGES (1.29.7); nginx/nginx#1436",
		check:   checkNginxPool,
	},
	{
		ID: "EFF-7", Severity: Warning,
		Title:   "the worker decides what becomes of Gunicorn's keepalive",
		Why:     "The sync worker closes after each answer whatever keepalive says; under the Uvicorn worker Gunicorn's keepalive of 2 s holds, not Uvicorn's 5 s; the asgi worker of 25.3 to 26.1 never closes.",
		WrongIf: "keepalive is set by the program, and it is not given here",
		Source:  "https://gunicorn.org/reference/settings/ keepalive; Kludex/uvicorn#194; measured",
		check:   checkGunicorn,
	},
	{
		ID: "EFF-8", Severity: Warning,
		Title:   "Apache under prefork does not look at ttl",
		Why:     "Each process has one connection to a server, and mod_proxy looks at its age under a threaded MPM only.",
		WrongIf: "the MPM is worker or event",
		Source:  "https://access.redhat.com/solutions/2381261; httpd bug 54976",
		check:   checkTTL,
	},
	{
		ID: "EFF-14", Severity: Info,
		Title:   "what was tuned means nothing in HTTP/2",
		Why:     "HTTP/2 has no Keep-Alive header, and its connections carry requests side by side: idle timeouts, PING and GOAWAY take the place of hints.",
		WrongIf: "some clients speak HTTP/1.1 all the same",
		Source:  "RFC 9113 section 8.2.2",
		check:   checkHTTP2,
	},
}

func checkHAProxy(l *Leg) []Finding {
	s := &l.Server
	row, client := s.Row(haproxyIdle), s.Row(haproxyClient)
	if row == nil || client == nil || !l.Limit.Reused {
		return nil
	}
	f := Finding{At: []ParamRef{s.ref(row)}, graded: true}
	caps, _ := model.At(s.System.Order, client.Param.Caps, s.Version)
	switch {
	case row.Via != nil && finite(row) && s.said(row):
		f.Because = []string{fmt.Sprintf("%s: %s", s.Endpoint.ID, row.describe())}
	case row.Via == nil && caps && s.said(row) && finite(client) && client.Low < row.Low:
		f.At = append(f.At, s.ref(client))
		f.Because = []string{fmt.Sprintf("%s: %s, and %s %s ends it before", s.Endpoint.ID, row.describe(), client.Param.Name, client.Value.Human())}
		if l.risky() {
			f.Severity, _ = l.harm()
			f.Severity = min(f.Severity, Warning)
		}
	default:
		return nil
	}
	return []Finding{f}
}

func checkTomcat(l *Leg) []Finding {
	s := &l.Server
	row := s.First(model.RoleIdle)
	if !s.one("tomcat", "spring-boot") || row == nil || row.Via == nil || !s.said(row) && !l.risky() {
		return nil
	}
	return []Finding{{
		At: []ParamRef{s.ref(row)}, graded: true,
		Because: []string{fmt.Sprintf("%s: %s", s.Endpoint.ID, row.describe())},
	}}
}

func checkGoIdle(l *Leg) []Finding {
	s := &l.Server
	row := s.First(model.RoleIdle)
	if !s.one("go-server") || row == nil || row.Via == nil || !l.Limit.Reused {
		return nil
	}
	f := Finding{
		At: []ParamRef{s.ref(row)}, graded: true,
		Because: []string{fmt.Sprintf("%s: %s", s.Endpoint.ID, row.describe())},
	}
	if finite(row) {
		f.Severity = Warning
	}
	return []Finding{f}
}

func checkNginxPool(l *Leg) []Finding {
	s := &l.Client
	row := s.Row(nginxPool)
	if row == nil || row.Setting.Value.Kind != model.Count || s.said(row) && row.Setting.Origin.Kind != model.FromDefault || !l.Limit.Reused {
		return nil
	}
	f := Finding{
		At: []ParamRef{s.ref(row)}, graded: true,
		Because: []string{fmt.Sprintf("%s: %s for each worker and location", s.Endpoint.ID, row.describe())},
	}
	if row.Assumed {
		f.Assuming = []ParamRef{s.ref(row)}
	}
	return []Finding{f}
}

func checkGunicorn(l *Leg) []Finding {
	s := &l.Server
	row := s.First(model.RoleIdle)
	f := Finding{graded: true}
	switch {
	case s.one("gunicorn-sync"):
		row = s.First(model.RoleReuse)
		f.Because = []string{fmt.Sprintf("%s closes after each answer", s.Endpoint.ID)}
	case row == nil || s.said(row):
		return nil
	case s.one("gunicorn-uvicorn"):
		f.Because = []string{fmt.Sprintf("%s: %s", s.Endpoint.ID, row.describe())}
		if l.risky() && l.Limit.First == ByServer {
			f.Severity, _ = l.harm()
			f.Severity = min(f.Severity, Warning)
		}
	case s.one("gunicorn-asgi") && row.Value == model.ValueNever:
		f.Because = []string{fmt.Sprintf("%s %s never closes an idle connection", s.Endpoint.ID, s.Version)}
	default:
		return nil
	}
	f.At = []ParamRef{s.ref(row)}
	return []Finding{f}
}

func checkTTL(l *Leg) []Finding {
	s := &l.Client
	row := s.Row(apacheTTL)
	if row == nil || !finite(row) || s.Endpoint.Settings[apachePrefork].Value != model.ValueOn {
		return nil
	}
	return []Finding{{
		At: []ParamRef{s.ref(row)}, graded: true, Severity: Warning, Assuming: []ParamRef{{s.Endpoint.ID, apachePrefork}},
		Because: []string{fmt.Sprintf("%s: %s, and the MPM is prefork rather than worker", s.Endpoint.ID, row.describe())},
	}}
}

func checkHTTP2(l *Leg) []Finding {
	if !l.holds(model.QuantityHTTP2) {
		return nil
	}
	f := Finding{graded: true}
	for i := range l.Server.Rows {
		row := &l.Server.Rows[i]
		if (row.Param.Role == model.RoleHint || row.Param.Role == model.RoleRequests) && row.Changed {
			f.At = append(f.At, l.Server.ref(row))
			f.Because = append(f.Because, fmt.Sprintf("%s: %s", l.Server.Endpoint.ID, row.describe()))
		}
	}
	if len(f.At) == 0 {
		return nil
	}
	return []Finding{f}
}
