package tuning_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// An offer is what is offered for one finding of a path: all of it, in order.
type offer struct {
	path, sets, rule string
	labels           string // a line each
}

// check holds what is offered, and each for itself.
func (w offer) check(t *testing.T) {
	t.Helper()
	c := model.Embedded()
	d, env := document(t, c, w.path, strings.Fields(w.sets)...), tuning.NewEnv(c, 0)
	r, err := tuning.Analyze(d, env)
	if err != nil {
		t.Fatal(err)
	}
	f := fired(tuning.Advised(d, env, r), w.rule)
	if f == nil {
		t.Errorf("%s %s: there is no %s", w.path, w.sets, w.rule)
		return
	}
	var got []string
	for _, m := range f.Remedies {
		got = append(got, m.Label)
		for _, cost := range m.Costs {
			got = append(got, "- "+cost)
		}
	}
	var want []string
	for l := range strings.Lines(w.labels) {
		if l = strings.TrimSpace(l); l != "" {
			want = append(want, l)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s %s: for %s is offered\n\t%s\nwant\n\t%s", w.path, w.sets, w.rule, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// The order of closes against the crowd: 256 workers, half of which bear 128 idle connections;
// the client reuses for 60 s (an ALB) or 90 s (Go), and the server has to wait a tenth longer.
func TestWaysOutOfACrowd(t *testing.T) {
	t.Parallel()
	crowd := "apache:prefork=on apache:MaxRequestWorkers=256 leg1:arrivals="
	for _, w := range []offer{
		// 26 a second for 65 s are 1690, of 3380 workers a half.
		{"aws-alb > apache", crowd + "26", "CAP-5", `
			let apache keep no worker for an idle connection: MPM prefork or worker off, KeepAliveTimeout 65 s
			let apache have more workers: MaxRequestWorkers 3400, KeepAliveTimeout 65 s
			let aws-alb give up sooner: idle_timeout.timeout_seconds 2 s`},
		// 60 a second for 100 s are 6000; 128 of them are there after 2.1 s, so the client has 1 s.
		{"go-client > apache", crowd + "60", "CAP-5", `
			let apache keep no worker for an idle connection: MPM prefork or worker off, KeepAliveTimeout 100 s
			let go-client give up sooner: IdleConnTimeout 1 s
			let apache have more workers: MaxRequestWorkers 12000, KeepAliveTimeout 100 s`},
		// No time is long enough for a client that never lets go.
		{"python-requests > apache", crowd + "60", "CAP-5", `
			let python-requests use each connection once: Connection keep-alive off
			let apache use each connection once: KeepAlive off`},
		{"aws-alb > apache", crowd + "25", "ORD-1", `let aws-alb give up sooner: idle_timeout.timeout_seconds 2 s`},
		// How many there are is known, whatever comes: the time is free.
		{"aws-alb > apache", crowd + "26 leg1:connections=200", "ORD-1", `
			let apache wait longer: KeepAliveTimeout 65 s
			let aws-alb give up sooner: idle_timeout.timeout_seconds 2 s`},
		// A client whose times nobody sets.
		{"cloudflare > apache", crowd + "26", "CAP-5", `let apache keep no worker for an idle connection: MPM prefork or worker off, KeepAliveTimeout 16 m`},
		// Of twice the 195 that are idle at 39 a second for 5 s, the 400 of the default are enough.
		{"chrome > apache@2.4.66", crowd + "39", "CAP-1", `
			let apache close sooner: KeepAliveTimeout 1 s
			let apache have more workers: MaxRequestWorkers 400`},
		// Beyond them a tenth more than the 402 that just do.
		{"chrome > apache@2.4.66", crowd + "40.2", "CAP-1", `
			let apache close sooner: KeepAliveTimeout 1 s
			let apache have more workers: MaxRequestWorkers 450`},
		{"chrome > apache@2.4.66", crowd + "52", "CAP-1", `
			let apache close sooner: KeepAliveTimeout 1 s
			let apache have more workers: MaxRequestWorkers 580`},
	} {
		w.check(t)
	}
	// What stands beside the two stays: both ends notice late.
	r := reported(t, model.Embedded(), "go-client > apache", append(strings.Fields(crowd+"60"), "leg1:notice=10s", "go-client:IdleConnTimeout=9s"))
	late := map[string]bool{}
	for _, f := range r.Findings {
		if f.Rule.ID == "KA-4" {
			late[string(f.At[0].Endpoint)] = true
		}
	}
	if fired(r, "CAP-5") == nil || !late["go-client"] || !late["apache"] {
		t.Errorf("with CAP-5 there is KA-4 of %v, want both ends", late)
	}
}

// What is offered for each kind of finding: whose setting, how far, in which order, and what it
// costs beside.
func TestWhatIsOffered(t *testing.T) {
	t.Parallel()
	for _, w := range []offer{
		// Half of the firewall's hour is left for a sign of life that is lost; TCP's own may take the half.
		{"putty > cisco-asa > sshd", "", "MID-2", `
			let putty send signs of life in time: PingIntervalSecs 20 m
			let sshd send signs of life in time: ClientAliveInterval 20 m
			let the host of sshd probe sooner: tcp_keepalive_time 20 m
			- it holds for every program on the host of sshd
			let putty probe: TCPKeepalives on, KeepAliveTime 30 m
			- it holds for every program on the host of putty
			- it takes a reboot
			let cisco-asa remember for longer: timeout conn 2 h 3 m`},
		{"npgsql > azure-lb > postgresql", "", "MID-2", `
			let npgsql send signs of life in time: Keepalive 90 s
			let postgresql probe sooner: tcp_keepalives_idle 90 s
			let npgsql probe: Tcp Keepalive on, Tcp Keepalive Time 90 s
			let the host of postgresql probe sooner: tcp_keepalive_time 90 s
			- it holds for every program on the host of postgresql
			let azure-lb remember for longer: idleTimeoutInMinutes 360 s`},
		// A balancer that forgets after 350 s: an end that closes before leaves 30 s.
		{"grpc-client > aws-nlb > grpc-server", "", "MID-2", `
			let grpc-server send signs of life in time: keepaliveTime 120 s
			let aws-nlb remember for longer: tcp.idle_timeout.seconds 31 m
			let grpc-client give up sooner: idleTimeout 320 s
			let grpc-server close sooner: maxConnectionIdle 320 s
			let grpc-server retire connections sooner: maxConnectionAge 320 s`},
		// Requests are repeated only with both of two switches, and that comes last.
		{"haproxy@2.6.12 > node@22", "node:keepAliveTimeout=5s", "ORD-1", `
			let node wait longer: keepAliveTimeout 60 s
			let haproxy repeat what meets a close: retry-on empty-response on, option http-buffer-request on`},
		// More tries, or fewer a minute: the last one before ssh gives up has to come after the 60 s.
		{"ssh > sshd", "leg1:outage=60s ssh:ServerAliveInterval=15s ssh:ServerAliveCountMax=3", "KA-7", `
			let ssh ask more often before it gives up: ServerAliveCountMax 9
			let ssh send signs of life less often: ServerAliveInterval 60 s`},
		// A switch, and the time that belongs to it.
		{"mysql2 > firewall > mariadb", "firewall:idle_timeout=10m client:tcp_keepalive=off", "MID-2", `
			let mariadb probe sooner: tcp_keepalive_time 180 s
			let mysql2 probe: enableKeepAlive on, keepAliveInitialDelay 180 s
			let the host of mariadb probe sooner: tcp_keepalive_time 180 s
			- it holds for every program on the host of mariadb
			let firewall remember for longer: idle_timeout 2 h 3 m
			let mysql2 end what is idle: maxIdle below connectionLimit on`},
		// Nine tenths of a minute in all: probes after a third, and each after a tenth.
		{"libpq > postgresql", "leg1:notice=60s", "KA-4", `
			let libpq wait less for an acknowledgement: tcp_user_timeout 54 s, keepalives_idle 20 s, keepalives_interval 6 s
			let the host of libpq give up sooner: tcp_retries2 7
			- it holds for every program on the host of libpq`},
		{"putty > sshd", "leg1:notice=60s putty:PingIntervalSecs=0", "KA-3", `
			let putty send signs of life in time: PingIntervalSecs 20 s
			let putty probe: TCPKeepalives on, KeepAliveTime 20 s
			- it holds for every program on the host of putty
			- it takes a reboot`},
		{"envoy > envoy", "envoy-2:idle_timeout=30s", "ORD-1", `
			let envoy-2 wait longer: common_http_protocol_options.idle_timeout 1 h 1 m
			let envoy give up sooner: common_http_protocol_options.idle_timeout 25 s
			let envoy retire connections sooner: common_http_protocol_options.max_connection_duration 25 s
			let envoy repeat what meets a close: retry_policy.retry_on reset on`},
		// Both limits of a server are too short: neither alone helps.
		{"aws-alb > grpc-server", "server:maxConnectionIdle=5s server:maxConnectionAge=6s", "ORD-1", `
			let grpc-server wait longer: maxConnectionIdle 65 s, maxConnectionAge 65 s
			let aws-alb give up sooner: idle_timeout.timeout_seconds 2 s`},
		// It is only asked for too much: no setting has to change.
		{"libpq > postgresql", "leg1:notice=60s leg1:outage=60s libpq:tcp_user_timeout=40s libpq:tcp_keepidle=20s libpq:tcp_keepintvl=5s libpq:tcp_keepcnt=4 " +
			"postgresql:tcp_user_timeout=40s postgresql:tcp_keepidle=20s postgresql:tcp_keepintvl=5s postgresql:tcp_keepcnt=4", "KA-18", `
			notice a dead peer within 60 s and survive 15 s
			notice a dead peer within 60 s and take up again what an outage ends`},
	} {
		w.check(t)
	}
}
