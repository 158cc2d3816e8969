package tuning_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// What a connection tracker that has forgotten a connection means depends on
// its settings and on who speaks first.
func TestExpiry(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 250)
	if s, err := c.System("conntrack"); err != nil || s.Tracking.OnExpiry != model.CloseRenewed {
		t.Fatalf("%v, %v", s, err)
	}
	for name, tt := range map[string]struct {
		path    string
		sets    []string
		verdict tuning.Verdict
		by      tuning.By
		idle    time.Duration
		closes  model.CloseKind
	}{
		"the client's next packet passes": {"conntrack", nil, tuning.VerdictOK, tuning.ByClient, 90 * time.Second, "fin"},
		"tcp_loose 0":                     {"conntrack", []string{"conntrack:nf_conntrack_tcp_loose=0"}, tuning.VerdictStale, tuning.ByMiddlebox, time.Minute, "rst-on-send"},
		"another port":                    {"conntrack", []string{"conntrack:fully_random=on"}, tuning.VerdictStale, tuning.ByMiddlebox, time.Minute, "rst-on-send"},
		"tcp_loose 1 said aloud":          {"conntrack", []string{"conntrack:nf_conntrack_tcp_loose=1"}, tuning.VerdictOK, tuning.ByClient, 90 * time.Second, "fin"},
		"the server's probe is reset":     {"conntrack", []string{"server:tcp_keepalive=on", "server:tcp_keepidle=80"}, tuning.VerdictStale, tuning.ByMiddlebox, 80 * time.Second, "rst-on-send-one-way"},
		"the server's probes are in time": {"conntrack", []string{"server:tcp_keepalive=on", "server:tcp_keepidle=30", "server:tcp_keepintvl=30"}, tuning.VerdictOK, tuning.ByClient, 90 * time.Second, "fin"},
		"0 s":                             {"conntrack", []string{"conntrack:idle_timeout=0"}, tuning.VerdictOK, tuning.ByClient, 90 * time.Second, "fin"},
		"ipvs resets whoever sends":       {"ipvs", []string{"ipvs:idle_timeout=60s"}, tuning.VerdictStale, tuning.ByMiddlebox, time.Minute, "rst-on-send"},
	} {
		t.Run(name, func(t *testing.T) {
			sets := append([]string{"server:IdleTimeout=20m", "client:tcp_keepalive=off", "server:tcp_keepalive=off"}, tt.sets...)
			if tt.path == "conntrack" {
				sets = append([]string{"conntrack:idle_timeout=60s"}, sets...)
			}
			r, err := tuning.Analyze(document(t, c, "go-client > "+tt.path+" > go-server", sets...), env)
			if err != nil {
				t.Fatal(err)
			}
			l := r.Legs[0].Limit
			if l.Verdict != tt.verdict || l.By != tt.by || l.Idle != tt.idle || l.Limiter.Closes != tt.closes {
				t.Errorf("%s by %s to %s, %s; %q", l.Verdict, l.By, l.Idle, l.Limiter.Closes, l.Because)
			}
		})
	}
}

// The kernel refuses more than INT_MAX / HZ seconds, at HZ 1000 first of all.
func TestConntrackRange(t *testing.T) {
	s, err := model.Embedded().System("conntrack")
	if err != nil {
		t.Fatal(err)
	}
	p := s.Param("conntrack.idle_timeout")
	for value, ok := range map[string]bool{"0": true, "2147483": true, "2147484": false, "200d": false} {
		if _, err := p.ParseValue(value); (err == nil) != ok {
			t.Errorf("%s: %v", value, err)
		}
	}
}
