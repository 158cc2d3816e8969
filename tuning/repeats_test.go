package tuning_test

import (
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// What a proxy sends again is what its settings say, and the finding is as grave
// as that is little.
func TestRepeatsBySettings(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 250)
	for _, tt := range []struct {
		path     string
		sets     []string
		verdict  tuning.Verdict
		severity tuning.Severity
	}{
		{"haproxy@2.6.12", nil, tuning.VerdictRace, tuning.Error},
		{"haproxy@2.6.12", []string{"client:retry-on empty-response=on"}, tuning.VerdictRace, tuning.Warning},
		{"haproxy@2.6.12", []string{"client:option http-buffer-request=on"}, tuning.VerdictRace, tuning.Error},
		{"haproxy@2.6.12", []string{"client:retry-on empty-response=on", "client:option http-buffer-request=on"}, tuning.VerdictRetried, tuning.Info},
		{"nginx@1.22.1", []string{"client:keepalive=8"}, tuning.VerdictRace, tuning.Warning},
		{"nginx@1.22.1", []string{"client:keepalive=8", "client:proxy_next_upstream error=off"}, tuning.VerdictRace, tuning.Error},
		{"nginx@1.22.1", []string{"client:keepalive=8", "client:proxy_next_upstream error=off", "client:non_idempotent=on"}, tuning.VerdictRace, tuning.Error},
		{"nginx@1.22.1", []string{"client:keepalive=8", "client:non_idempotent=on"}, tuning.VerdictRetried, tuning.Info},
		{"envoy@1.36.0", nil, tuning.VerdictRace, tuning.Error},
		{"envoy@1.36.0", []string{"client:retry_on=on"}, tuning.VerdictRetried, tuning.Info},
	} {
		r, err := tuning.Analyze(document(t, c, tt.path+" > node@22", append([]string{"server:keepAliveTimeout=5s"}, tt.sets...)...), env)
		if err != nil {
			t.Fatal(err)
		}
		f := fired(r, "ORD-1")
		if f == nil || f.Severity != tt.severity || r.Legs[0].Limit.Verdict != tt.verdict {
			t.Errorf("%s %v: %s, %+v", tt.path, tt.sets, r.Legs[0].Limit.Verdict, f)
		}
	}
}
