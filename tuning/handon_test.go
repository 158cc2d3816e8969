package tuning_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// What programs hand to the kernel, which takes whole seconds from 1 to 32767
// and counts from 1 to 127: below a runtime's grain, above the range, one alone.
func TestProbeTimesAsTheKernelHasThem(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 250)
	type probes struct {
		idle, every time.Duration
		count       int64
	}
	const sec = time.Second
	system := probes{2 * time.Hour, 75 * sec, 9}
	for _, tt := range []struct {
		path    string
		sets    []string
		server  bool
		want    probes
		refused bool
	}{
		{"chrome > node@26.10", []string{"server:tcp_keepalive=on", "server:tcp_keepidle=7s"}, true, probes{7 * sec, sec, 10}, false},
		{"chrome > node@26.10", []string{"server:tcp_keepalive=on"}, true, system, false},
		{"chrome > node@26.10", []string{"server:tcp_keepalive=on", "server:tcp_keepidle=999ms"}, true, system, true},
		{"chrome > node@26.10", []string{"server:tcp_keepalive=on", "server:tcp_keepidle=1999ms"}, true, probes{sec, sec, 10}, false},
		{"chrome > fastify", []string{"server:tcp_keepalive=on", "server:tcp_keepidle=7s"}, true, probes{7 * sec, sec, 10}, false},
		{"node@24.21 > nginx", nil, false, probes{sec, sec, 10}, false},
		{"node@24.21 > nginx", []string{"client:tcp_keepidle=500ms"}, false, system, true},
		{"node@24.21 > nginx", []string{"client:tcp_keepidle=1500ms"}, false, probes{sec, sec, 10}, false},
		{"undici > nginx", []string{"client:tcp_keepidle=500ms"}, false, system, true},
		{"go-client > nginx", []string{"client:tcp_keepidle=1500ms"}, false, probes{2 * sec, 15 * sec, 9}, false},
		{"go-client > nginx", []string{"client:tcp_keepidle=500ms"}, false, probes{sec, 15 * sec, 9}, false},
		{"go-client > nginx", []string{"client:tcp_keepidle=32767s"}, false, probes{32767 * sec, 15 * sec, 9}, false},
		{"go-client > nginx", []string{"client:tcp_keepidle=32768s", "client:tcp_keepintvl=3s", "client:tcp_keepcnt=4"}, false, system, true},
		{"go-client > nginx", []string{"client:tcp_keepidle=20s", "client:tcp_keepintvl=40000s", "client:tcp_keepcnt=4"}, false, probes{20 * sec, 75 * sec, 9}, true},
		{"go-client > nginx", []string{"client:tcp_keepidle=20s", "client:tcp_keepintvl=3s", "client:tcp_keepcnt=128"}, false, probes{20 * sec, 3 * sec, 9}, true},
		{"go-client > nginx", []string{"client:tcp_keepidle=20s", "client:tcp_keepintvl=3s", "client:tcp_keepcnt=127"}, false, probes{20 * sec, 3 * sec, 127}, false},
		{"go-client/macos > nginx", []string{"client:tcp_keepidle=40000s"}, false, probes{40000 * sec, 15 * sec, 9}, false},
	} {
		r, err := tuning.Analyze(document(t, c, tt.path, tt.sets...), env)
		if err != nil {
			t.Errorf("%s %q: %v", tt.path, tt.sets, err)
			continue
		}
		k := r.Legs[0].Client.Kernel
		if tt.server {
			k = r.Legs[0].Server.Kernel
		}
		if got := (probes{k.Idle, k.Every, k.Count}); got != tt.want {
			t.Errorf("%s %q: %v, want %v", tt.path, tt.sets, got, tt.want)
		}
		if f := fired(r, "KA-17"); (f != nil) != tt.refused {
			t.Errorf("%s %q: KA-17 is %+v", tt.path, tt.sets, f)
		}
	}
}

// Both ends must speak Multipath TCP for a leg to be of it.
func TestMultipathLeg(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 250)
	for _, tt := range []struct {
		path string
		sets []string
		want bool
	}{
		{"go-client > go-server", nil, false},
		{"go-client > go-server", []string{"client:SetMultipathTCP=on"}, true},
		{"go-client > go-server", []string{"client:SetMultipathTCP=on", "server:SetMultipathTCP=off"}, false},
		{"go-client > go-server@1.23", []string{"client:SetMultipathTCP=on"}, false},
		{"go-client > nginx", []string{"client:SetMultipathTCP=on"}, false},
	} {
		r, err := tuning.Analyze(document(t, c, tt.path, append([]string{"client:tcp_user_timeout=5s"}, tt.sets...)...), env)
		if err != nil {
			t.Fatal(err)
		}
		k, d := r.Legs[0].Client.Kernel, r.Legs[0].Detection.Client.Idle
		if k.Multipath != tt.want || (k.UserTimeout == 0) != tt.want || (d.Low > time.Minute) != tt.want && tt.want {
			t.Errorf("%s %q: multipath %v, user timeout %s, %s", tt.path, tt.sets, k.Multipath, k.UserTimeout, d.Low)
		}
	}
}
