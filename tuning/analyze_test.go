package tuning_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// document is a two-ended path with settings applied as a user types them.
func document(t *testing.T, c *model.Catalog, path string, sets ...string) model.Document {
	t.Helper()
	p, err := model.ParsePath(path, c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := model.Document{Path: p}.Assign(c, sets...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestLimitOfTwoEnds(t *testing.T) {
	c := model.Embedded()
	for _, tt := range []struct {
		name, path string
		sets       []string
		idle       time.Duration
		by         tuning.By
		param      model.ParamID
		verdict    tuning.Verdict
		margin     time.Duration
	}{
		{"defaults: the server closes at five seconds", "ie@11 > apache", nil, 5 * time.Second, tuning.ByServer, "apache.KeepAliveTimeout", tuning.VerdictRace, -55 * time.Second},
		{
			"a patient server leaves the client's first limit", "ie@11 > apache",
			[]string{"server:KeepAliveTimeout=180s"},
			time.Minute, tuning.ByClient, "ie.KeepAliveTimeout", tuning.VerdictOK, 2 * time.Minute,
		},
		{
			"the client's second limiter caps the first", "ie@11 > apache",
			[]string{"server:KeepAliveTimeout=180s", "client:KeepAliveTimeout=180s"},
			2 * time.Minute, tuning.ByClient, "ie.ServerInfoTimeout", tuning.VerdictOK, time.Minute,
		},
		{
			"equal is a race", "ie@11 > apache",
			[]string{"server:KeepAliveTimeout=180s", "client:KeepAliveTimeout=180s", "client:ServerInfoTimeout=180s"},
			3 * time.Minute, tuning.ByClient, "ie.KeepAliveTimeout", tuning.VerdictRace, 0,
		},
		{
			"ten seconds of margin are enough", "ie@11 > apache",
			[]string{"server:KeepAliveTimeout=190s", "client:KeepAliveTimeout=180s", "client:ServerInfoTimeout=180s"},
			3 * time.Minute, tuning.ByClient, "ie.KeepAliveTimeout", tuning.VerdictOK, 10 * time.Second,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := tuning.Analyze(document(t, c, tt.path, tt.sets...), tuning.NewEnv(c, 0))
			if err != nil {
				t.Fatal(err)
			}
			l := r.Legs[0].Limit
			if l.Idle != tt.idle || l.By != tt.by || l.Limiter.Ref.Param != tt.param || l.Verdict != tt.verdict || l.Margin != tt.margin {
				t.Errorf("got %v by %s %s, %s, margin %v; want %v by %s %s, %s, margin %v\n%q",
					l.Idle, l.By, l.Limiter.Ref.Param, l.Verdict, l.Margin, tt.idle, tt.by, tt.param, tt.verdict, tt.margin, l.Because)
			}
		})
	}
}
