package tuning

import (
	"fmt"
	"slices"
	"time"

	"example.com/keeptune/model"
)

// loadRules are about what connections cost where they are many.
var loadRules = []*Rule{
	{
		ID: "CAP-2", Severity: Warning,
		Title:   "there are more connections than the server can have",
		Why:     "New ones are refused or wait, while idle ones hold the places.",
		WrongIf: "fewer connections idle than arrive and stay for the whole limit",
		Source:  "https://nginx.org/en/docs/ngx_core_module.html#worker_connections; medic/cht-core#2076; centrifugal/centrifugo#455",
		check:   checkCapacity,
	},
	{
		ID: "CAP-3", Severity: Warning,
		Title:   "dead connections stay for ever",
		Why:     "Peers vanish without a word, nothing looks after their connections, and their number only grows. Probes end new ones; what is there already goes by ss -K or a restart.",
		WrongIf: "the program asks its peer for a sign of life, and it is not given here",
		Source:  "nsqio/nsq#698; GideonZ/1541ultimate#728",
		check:   checkZombies,
	},
	{
		ID: "CAP-4", Severity: Warning,
		Title:   "closed connections use up the client's ports",
		Why:     "The side that closes first keeps each port for a minute in TIME_WAIT, and no other connection to the same address can have it.",
		WrongIf: "the connections go to many addresses, or tcp_tw_reuse is on",
		Source:  "Linux ip_local_port_range, TCP_TIMEWAIT_LEN; Windows dynamic port range; jinhailang/blog#37",
		check:   checkPorts,
	},
	{
		ID: "CAP-6", Severity: Warning,
		Title:   "the pools of all clients hold more than the server can have",
		Why:     "Each process may fill its pool; idle connections alone then leave no place for another client.",
		WrongIf: "the pools never fill at the same time",
		Source:  "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive",
		check:   checkPools,
	},
	{
		ID: "CAP-7", Severity: Info,
		Title:   "without keep-alive a NAT runs out of ports sooner",
		Why:     "Each request takes a port of the translation, which stays taken for minutes after the close.",
		WrongIf: "requests are few",
		Source:  "https://learn.microsoft.com/azure/load-balancer/load-balancer-outbound-connections",
		check:   checkNAT,
	},
	{
		ID: "CAP-8", Severity: Info,
		Title:   "nearly each request pays for a TLS handshake",
		Why:     "A connection that is not kept costs round trips and computing for each request.",
		WrongIf: "clients send one request each",
		Source:  "RFC 8446 section 2",
		check:   checkHandshakes,
	},
}

func checkCapacity(l *Leg) []Finding {
	if l.Load.IdleConnections == nil {
		return nil
	}
	places, text := *l.Load.IdleConnections, ""
	if l.through {
		places, text = 2*places, ", each with one behind it"
	}
	var found []Finding
	for _, q := range []model.Quantity{model.QuantityCapacity, model.QuantityDescriptors} {
		if most := l.countGiven(q); most > 0 && places > most {
			found = append(found, Finding{
				At:      []ParamRef{l.Limit.Limiter.Ref, l.quantity(q)},
				Because: []string{fmt.Sprintf("%.0f connections are open at %s%s; %s is %.0f", *l.Load.IdleConnections, l.Server.Endpoint.ID, text, q, most)},
			})
		}
	}
	return found
}

func checkZombies(l *Leg) []Finding {
	vanish, ok := perSecond(l.given, model.QuantityVanish)
	if !ok || vanish == 0 {
		return nil
	}
	var found []Finding
	for _, x := range []struct {
		side *Side
		end  *End
	}{{&l.Client, &l.Ends.Client.Idle}, {&l.Server, &l.Ends.Server.Idle}} {
		if x.end.Known && !x.end.TimerNotKnown && x.end.High == model.Never {
			found = append(found, Finding{
				At:      []ParamRef{x.side.refOf(model.RoleKeepAlive)},
				Because: []string{fmt.Sprintf("%s keeps %s more dead connections each day, for ever", x.side.Endpoint.ID, model.Figures(vanish*(24*time.Hour).Seconds(), 3))},
			})
		}
	}
	return found
}

// ports is how many ports a system gives to its connections to one address by
// itself: 32768 to 60999 on Linux, 49152 to 65535 on Windows and macOS.
var ports = map[model.Stack]float64{model.StackLinux: 28232, model.StackWindows: 16384, model.StackDarwin: 16384}

// portShare is the part of the ports above which it gets tight.
const portShare = 0.3

func checkPorts(l *Leg) []Finding {
	has, known := ports[l.Client.Kernel.Stack]
	if !known || l.Load.TimeWait == nil || l.Limit.First != ByClient || *l.Load.TimeWait <= portShare*has {
		return nil
	}
	return []Finding{{
		At:      []ParamRef{l.Limit.Limiter.Ref},
		Because: []string{fmt.Sprintf("%s closes first: %.0f of its %.0f ports are in TIME_WAIT", l.Client.Endpoint.ID, *l.Load.TimeWait, has)},
	}}
}

func checkPools(l *Leg) []Finding {
	pool := l.Client.First(model.RolePool)
	clients, most := l.countGiven(model.QuantityInstances), l.countGiven(model.QuantityCapacity)
	if pool == nil || clients == 0 || most == 0 {
		return nil
	}
	n, ok := pool.Value.Count()
	if !ok || float64(n)*clients <= most {
		return nil
	}
	f := Finding{
		At:      []ParamRef{l.Client.ref(pool), l.quantity(model.QuantityInstances), l.quantity(model.QuantityCapacity)},
		Because: []string{fmt.Sprintf("%.0f times %s: %s, and %s can have %.0f", clients, l.Client.Endpoint.ID, pool.describe(), l.Server.Endpoint.ID, most)},
	}
	if pool.Assumed {
		f.Assuming = f.At[:1]
	}
	return []Finding{f}
}

// translators are the boxes that give connections ports of their own.
var translators = []model.SystemID{"aws-nat-gateway", "azure-nat-gateway", "azure-lb", "gcp-cloud-nat", "home-router"}

func checkNAT(l *Leg) []Finding {
	if l.Limit.Reused {
		return nil
	}
	for i := range l.Boxes {
		if b := &l.Boxes[i]; slices.Contains(translators, b.System.ID) {
			return []Finding{{At: []ParamRef{l.Limit.Limiter.Ref, b.ref()}, graded: true, Because: []string{l.Limit.Limiter.Text}}}
		}
	}
	return nil
}

// briefly is the idle time below which a connection is hardly kept.
const briefly = 2 * time.Second

func checkHandshakes(l *Leg) []Finding {
	if !l.holds(model.QuantityTLS) || l.Limit.Verdict == VerdictUnknown || l.Limit.Reused && l.Limit.Idle >= briefly {
		return nil
	}
	return []Finding{{At: []ParamRef{l.Limit.Limiter.Ref, l.quantity(model.QuantityTLS)}, graded: true, Because: []string{l.Limit.Limiter.Text}}}
}
