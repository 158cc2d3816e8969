package tuning_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A kernel without probes to send ends a living idle connection by itself, from
// whichever side; with one probe, with a count of the socket's own or without
// SO_KEEPALIVE it does not.
func TestNoProbesLimitTheLeg(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 250)
	const path = "go-client@1.22 > go-server@1.22" // which leave the count to the system
	for name, tt := range map[string]struct {
		sets []string
		by   tuning.By
		idle time.Duration
	}{
		"server":                      {[]string{"server:tcp_keepalive_probes=0", "server:IdleTimeout=600s", "client:IdleConnTimeout=never"}, tuning.ByServer, 15 * time.Second},
		"client":                      {[]string{"client:tcp_keepalive_probes=0", "server:IdleTimeout=600s"}, tuning.ByClient, 30 * time.Second},
		"a count of the socket's own": {[]string{"server:tcp_keepalive_probes=0", "client:tcp_keepalive_probes=0", "server:IdleTimeout=600s", "server:tcp_keepcnt=9", "client:tcp_keepcnt=9"}, tuning.ByClient, 90 * time.Second},
		"one probe":                   {[]string{"server:tcp_keepalive_probes=1", "server:IdleTimeout=600s"}, tuning.ByClient, 90 * time.Second},
		"no SO_KEEPALIVE":             {[]string{"server:tcp_keepalive=off", "server:tcp_keepalive_probes=0", "server:IdleTimeout=600s"}, tuning.ByClient, 90 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := tuning.Analyze(document(t, c, path, tt.sets...), env)
			if err != nil {
				t.Fatal(err)
			}
			l := r.Legs[0].Limit
			if l.By != tt.by || l.Idle != tt.idle {
				t.Errorf("limited by %s to %s, want %s and %s; %q", l.By, l.Idle, tt.by, tt.idle, l.Because)
			}
			cut := tt.idle < 90*time.Second
			if f := fired(r, "KA-16"); (f != nil) != cut {
				t.Errorf("KA-16 is %+v", f)
			}
			if cut && l.Closes != "rst" {
				t.Errorf("it ends by %s", l.Closes)
			}
		})
	}
	linux, err := c.System("linux")
	if err != nil {
		t.Fatal(err)
	}
	if err := linux.Param("linux.tcp_keepalive_probes").Check(model.Times(0)); err != nil {
		t.Error(err)
	}
}
