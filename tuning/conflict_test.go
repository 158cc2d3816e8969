package tuning_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A dead peer that is to be noticed before an outage ends that is to be survived: one
// finding says so, with what can give way and the number that decides.
func TestNoticingAndSurvivingAreOneConflict(t *testing.T) {
	c := model.Embedded()
	parts := []string{"KA-3", "KA-4", "KA-7", "KA-14"}
	for _, tt := range []struct {
		path string
		sets []string
		want string // those of the parts and the conflict that are found
	}{
		{"libpq > postgresql", []string{"leg1:notice=60s", "leg1:outage=60s"}, "KA-18"},
		{"libpq > postgresql", []string{"leg1:notice=60s", "leg1:outage=59s"}, "KA-3 KA-4"},
		{"ssh > sshd", []string{"leg1:outage=60s", "ssh:ServerAliveInterval=15s"}, "KA-7"},
		{"putty/windows@7 > sshd", []string{"leg1:notice=60s", "leg1:outage=60s", "putty:PingIntervalSecs=30"}, "KA-18"},
		// An idle time that ends a quiet connection in time loses nothing.
		{"chrome > nginx@1.30.0", []string{"leg1:notice=60s", "leg1:outage=60s"}, "KA-18 KA-3"},
		{"chrome > nginx@1.30.0", []string{"leg1:notice=60s", "leg1:outage=60s", "nginx:keepalive_timeout=50s", "chrome:used_idle_socket_timeout=40s"}, "KA-18"},
	} {
		r := reported(t, c, tt.path, tt.sets)
		var got []string
		for i := range r.Findings {
			if id := r.Findings[i].Rule.ID; (id == "KA-18" || slices.Contains(parts, id)) && !slices.Contains(got, id) {
				got = append(got, id)
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s %q: %v, want %s", tt.path, tt.sets, got, tt.want)
		}
	}
	f := found(reported(t, c, "libpq > postgresql", []string{"leg1:notice=60s", "leg1:outage=90s", "libpq:tcp_keepidle=20s", "libpq:tcp_keepintvl=10s", "libpq:tcp_keepcnt=3"}), "KA-18", 0)
	if f == nil {
		t.Fatal("no conflict")
	}
	text := strings.Join(f.Because, "\n")
	for _, want := range []string{
		"postgresql notices a dead peer on a quiet connection after 2 h 13 m 33 s; 60 s was asked for",
		"libpq, while it is quiet: a burst of 3 probes goes unanswered, 10 s apart: given up after 30 s; the outage lasts 90 s",
		"notice later: whoever survives 90 s gives a dead peer up after more than 90 s",
		"or survive less: whoever notices a dead peer within 60 s survives less than 60 s",
		"or let what is lost be taken up again (a pool that reconnects, tmux or screen on the server): then the 60 s alone decide",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	if at := (tuning.ParamRef{Endpoint: "libpq", Param: "libpq.tcp_keepintvl"}); !slices.Contains(f.At, at) {
		t.Errorf("it does not point at %s: %v", at.Param, f.At)
	}
}

// Each way out of the conflict gives way in one of the two times, and does what its label
// says: the conflict and its parts are gone, and nothing as grave has come.
func TestTheWaysOutOfNoticingAndSurviving(t *testing.T) {
	c := model.Embedded()
	for _, tt := range []struct {
		path string
		sets []string
		ways []string // how their labels begin
	}{
		{"libpq > postgresql", []string{"leg1:notice=60s", "leg1:outage=3m"}, []string{
			"survive 180 s and notice a dead peer within 540 s: libpq ",
			"notice a dead peer within 60 s and survive 15 s: libpq ",
			"notice a dead peer within 60 s and take up again what an outage ends: libpq ",
		}},
		// The stack of Windows 7 gives up after 5 tries, whatever PuTTY is set to.
		{"putty/windows@7 > sshd", []string{"leg1:notice=60s", "leg1:outage=3m"}, []string{
			"notice a dead peer within 60 s and take up again what an outage ends: putty ",
		}},
	} {
		d, env := document(t, c, tt.path, tt.sets...), tuning.NewEnv(c, 0)
		r, err := tuning.Analyze(d, env)
		if err != nil {
			t.Fatal(err)
		}
		f := fired(tuning.Advised(d, env, r), "KA-18")
		if f == nil || len(f.Remedies) != len(tt.ways) {
			t.Errorf("%s: %+v", tt.path, f)
			continue
		}
		for i, m := range f.Remedies {
			if !strings.HasPrefix(m.Label, tt.ways[i]) {
				t.Errorf("%s: way %d is %q, want %q", tt.path, i+1, m.Label, tt.ways[i])
			}
			after := d
			for _, e := range m.Edits {
				if after, err = after.With(e, c); err != nil {
					t.Fatal(err)
				}
			}
			now, err := tuning.Analyze(after, env)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range []string{"KA-3", "KA-4", "KA-7", "KA-14", "KA-18"} {
				if left := fired(now, id); left != nil {
					t.Errorf("%s: %q leaves %s: %q", tt.path, m.Label, id, left.Because)
				}
			}
			if gravest(now) > gravest(r) || len(now.Findings) > len(r.Findings) {
				t.Errorf("%s: %q brings %+v", tt.path, m.Label, now.Findings)
			}
		}
		if plan, ok := tuning.Whole(d, env, r); ok {
			for _, e := range plan.Edits() {
				if _, set := e.(model.Set); !set {
					t.Errorf("%s: the plan for the path gives up what was asked for: %v", tt.path, e)
				}
			}
		}
	}
}

// What a way out of a conflict does to a setting, the other findings of the leg ask for, too.
func TestWaysOutAndFindingsAgree(t *testing.T) {
	c := model.Embedded()
	for _, tt := range []struct {
		path string
		sets []string
		rule string
		want string // of its first remedy
	}{
		{"mqtt-js > firewall > mosquitto", []string{"firewall:idle_timeout=30s", "leg1:outage=120s", "leg1:notice=20s"}, "MID-2", "keepalive 7 s"},
		{"mqtt-js > firewall > mosquitto", []string{"firewall:idle_timeout=30s"}, "MID-2", "keepalive 10 s"},
	} {
		d := document(t, c, tt.path, tt.sets...)
		env := tuning.NewEnv(c, 0)
		r, err := tuning.Analyze(d, env)
		if err != nil {
			t.Fatal(err)
		}
		f := fired(tuning.Advised(d, env, r), tt.rule)
		if f == nil || len(f.Remedies) == 0 || !strings.HasSuffix(f.Remedies[0].Label, tt.want) {
			t.Errorf("%s %q: %s says %+v, want %s", tt.path, tt.sets, tt.rule, f, tt.want)
		}
	}
}
