package tuning_test

import (
	"fmt"
	"testing"

	"example.com/keeptune/tuning"
)

// What a leg costs, of what was given: a probe and its answer each interval (66 bytes each), a
// minute of TIME-WAIT, and dead peers for as long as they are held.
func TestWhatALegCosts(t *testing.T) {
	for _, x := range []struct {
		path string
		set  []string
		want string // idle, closes/s, TIME-WAIT; zombies of client and server; packets/s, bytes/s; workers; failures/h
	}{
		{"curl > apache", nil, "- - -; - -; - -; -; -"},
		{"curl > apache", []string{"leg1:arrivals=2"}, "10 2 120; - -; 0.3361 22.18; -; -"},
		// given connections stand in the place of those that arrivals leave; probes each 60 s and each 7200 s
		{"curl > apache", []string{"leg1:connections=100", "leg1:arrivals=2", "leg1:vanish=0.5"}, "100 2 120; 307.5 2.513; 3.361 221.8; -; -"},
		// 45 s and 7200 s; 400 workers
		{"chrome > apache", []string{"leg1:connections=100", "apache:prefork=on"}, "100 - -; - -; 4.472 295.2; 0.25; -"},
		{"chrome > apache", []string{"leg1:connections=100"}, "100 - -; - -; 4.472 295.2; -; -"},
		{"chrome > gunicorn-sync", []string{"leg1:connections=9"}, "9 - -; - -; 0.4 26.4; -; -"},
		{"chrome > gunicorn-sync", []string{"leg1:arrivals=9"}, "0 9 540; - -; 0 0; -; -"}, // each connection serves one request
		// 0.00068 x 0.1 x 7 x 3600; without probes and timers a dead peer is held for ever
		{"reactor-netty > tomcat@10.1.60", []string{"leg1:rate=0.1", "leg1:arrivals=2", "leg1:connections=7", "leg1:vanish=1"}, "7 2 120; - 22.1; 0 0; -; 1.709"},
		{"chrome > fastly", []string{"leg1:rate=0.1", "leg1:arrivals=2"}, "- - -; - -; - -; -; -"}, // not known
	} {
		l := legOf(t, x.path, x.set...).Load
		got := fmt.Sprintf("%s %s %s; %s %s; %s %s; %s; %s", figure(l.IdleConnections), figure(l.ClosesPerSecond), figure(l.TimeWait), figure(l.ZombiesClient), figure(l.ZombiesServer),
			figure(l.ProbePacketsPerSecond), figure(l.ProbeBytesPerSecond), figure(l.WorkersHeld), figure(l.FailuresPerHour))
		if got != x.want {
			t.Errorf("%s %v:\n%s, want\n%s", x.path, x.set, got, x.want)
		}
	}
}

func figure(x *float64) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.4g", *x)
}

// What a symptom cannot come from, and why.
func TestWhatASymptomExcludes(t *testing.T) {
	for _, x := range []struct {
		symptom tuning.Symptom
		path    string
		set     []string
		want    string
	}{
		{tuning.SymptomGateway, "curl > nginx@1.30.0", nil, "curl makes none, only a proxy does"},
		{tuning.SymptomGateway, "nginx@1.30.0 > node@22.10", nil, ""},
		{tuning.SymptomGateway, "nginx@1.30.0 > node@22.10", []string{"node:keepAliveTimeout=65s"}, "nginx lets go before node closes"},
		{tuning.SymptomReset, "nginx@1.30.0 > node@22.10", nil, ""},
		{tuning.SymptomReset, "ie@11 > apache", []string{"server:KeepAlive=off"}, "ie uses no connection again"},
		{tuning.SymptomReset, "curl > apache", nil, "curl repeats what meets a close"},
		{tuning.SymptomReset, "chrome > haproxy@2.6.12", nil, "haproxy never closes first"},
		{tuning.SymptomQuiet, "ssh > sshd", nil, "nothing here ends a quiet connection"},
		{tuning.SymptomQuiet, "nginx@1.30.0 > node@22.10", nil, ""},
		{tuning.SymptomOutage, "putty/windows@7 > sshd", []string{"leg1:outage=9s"}, "both ends survive 9 s"},
		{tuning.SymptomOutage, "putty/windows@7 > sshd", []string{"leg1:outage=10s"}, ""},
		{tuning.SymptomOutage, "ssh > sshd", []string{"leg1:outage=14m", "ssh:TCPKeepAlive=off", "sshd:TCPKeepAlive=off"}, ""}, // only busy ones end
		{tuning.SymptomOutage, "ssh > sshd", []string{"leg1:outage=11m"}, ""},                                                  // only quiet ones end
		{tuning.SymptomOutage, "ssh > sshd", nil, ""},
		{tuning.SymptomHang, "ssh > sshd", nil, ""},
		{tuning.SymptomHang, "ssh > sshd", []string{"ssh:tcp_retries2=5", "sshd:tcp_retries2=5"}, "both ends give a dead peer up within 13.54 s"},
		{tuning.SymptomHang, "ssh > sshd", []string{"ssh:tcp_retries2=5"}, ""},
		{tuning.SymptomHang, "nginx@1.30.0 > apache", nil, ""}, // a minute each
		{tuning.SymptomHang, "nginx@1.30.0 > apache", []string{"nginx:nginx.upstream.proxy_send_timeout=59s", "apache:Timeout=58s"}, "both ends give a dead peer up within 59 s"},
		{tuning.SymptomWorkers, "chrome > apache", []string{"apache:prefork=off"}, "no idle connection of apache holds a worker"},
		{tuning.SymptomWorkers, "chrome > apache", []string{"apache:prefork=on"}, ""},
		{tuning.SymptomWorkers, "chrome > nginx@1.30.0", nil, "no idle connection of nginx holds a worker"},
		{tuning.SymptomNone, "ssh > sshd", nil, ""},
	} {
		l := legOf(t, x.path, x.set...)
		if got := l.Excludes(x.symptom); got != x.want {
			t.Errorf("%s on %s %v: %q, want %q", x.symptom, x.path, x.set, got, x.want)
		}
	}
}
