package wire_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/trial"
	"example.com/keeptune/ui/cli/wire"
)

// A knob is a target that only says what it is.
type knob struct{ trial.Target }

func (knob) About() trial.About    { return trial.About{Name: "knob", Effect: "at once"} }
func (knob) Command(string) string { return "" }

func (knob) Show(value string) string { return value + " s" }

func (knob) Read(context.Context) (string, error) { return "1", nil }

func TestTrialPlan(t *testing.T) {
	p := trial.Plan{For: "a session", Changes: []trial.Change{{Target: knob{}, From: "1", To: "2"}}, Refused: []trial.Refused{{Name: "other", Why: "it is not there"}}, Keep: []trial.File{{Path: "/etc/x"}}}
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for _, s := range []*trial.State{nil, {ID: "1", Phase: trial.Trying, Guarded: true, Deadline: now.Add(time.Minute)}} {
		text, err := json.Marshal(wire.FromTrialPlan(&p, 90*time.Second, s, "1.0", now))
		if err != nil {
			t.Fatal(err)
		}
		want := `{"schema":"keeptune.trial/1","version":"1.0","for":"a session","window_s":90,"changes":[{"name":"knob","from":"1 s","to":"2 s","effect":"at once","command":null,"lines":[]}],"in_force_already":[],"refused":[{"name":"other","why":"it is not there"}],"files":["/etc/x"],"notes":[],"trial":null}`
		if s != nil {
			want = want[:len(want)-len("null}")] + `{"id":"1","for":"","state":"trying","why":null,"began":"0001-01-01T00:00:00Z","ended":null,"left_s":60,"changes":[],"files":[]}}`
		}
		if string(text) != want {
			t.Errorf("the plan is\n%s\nwant\n%s", text, want)
		}
	}
}

// Of a server the plan has the lines that change: its values are only words for them.
func TestTrialPlanOfAServer(t *testing.T) {
	s := trial.NewServer("nginx", "/x/nginx.conf", []native.RewrittenFile{
		{Path: "/x/nginx.conf", Was: []byte("http {\n  keepalive_timeout 75s;\n}\n"), Now: []byte("http {\n  keepalive_timeout 60s;\n}\n")},
		{Path: "/x/conf.d/keeptune.conf", Now: []byte("# ours\nkeepalive_requests 10;\x1b[2J\n")},
	})
	p := trial.Plan{Changes: []trial.Change{{Target: s, From: "as it was", To: s.Changed()}}}
	x := wire.FromTrialPlan(&p, time.Minute, nil, "1.0", time.Time{})
	want := []string{"/x/nginx.conf:2", "- keepalive_timeout 75s;", "+ keepalive_timeout 60s;", "/x/conf.d/keeptune.conf (new)", "+ keepalive_requests 10;·[2J"}
	if d := cmp.Diff(want, x.Changes[0].Lines); d != "" {
		t.Error(d)
	}
}
