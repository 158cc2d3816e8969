package tuning_test

import (
	"slices"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// names are the parameters of candidates.
func names(list []tuning.Candidate) []model.ParamID {
	var ids []model.ParamID
	for _, c := range list {
		ids = append(ids, c.Ref.Param)
	}
	return ids
}

func TestCandidatesNameTheTimerInForce(t *testing.T) {
	c := model.Embedded()
	path, err := model.ParsePath("chrome > haproxy@2.6.12 > node@20.20.2", c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := model.Document{Path: path}.Assign(c, "haproxy:timeout http-keep-alive=5m", "haproxy:timeout client=50s", "node:keepAliveTimeout=7s")
	if err != nil {
		t.Fatal(err)
	}
	r, err := tuning.Analyze(d, tuning.NewEnv(c, 250))
	if err != nil {
		t.Fatal(err)
	}
	expected := tuning.ParamRef{Endpoint: "haproxy", Param: "haproxy.timeout http-keep-alive"}
	got := names(tuning.Candidates(r, 50*time.Second, 50*time.Second+9*time.Millisecond, expected, tuning.Called{}))
	if !slices.Contains(got, "haproxy.timeout client") || slices.Contains(got, expected.Param) || slices.Contains(got, "node.keepAliveTimeout") {
		t.Errorf("closes at 50 s are by %v, want timeout client", got)
	}
	if got := tuning.Candidates(r, 123*time.Second, 123*time.Second, expected, tuning.Called{}); len(got) > 0 {
		t.Errorf("nothing on the path ends after 123 s, got %v", names(got))
	}
}

// What answered HTTP is no name server, and what answered Redis no web server; a box
// of the way may be anywhere.
func TestOwnersSpeakAsTheTarget(t *testing.T) {
	for _, x := range []struct {
		protocol string
		after    time.Duration
		want     model.SystemID
		is       bool
	}{
		{"", 4 * time.Second, "pdns-recursor", true},
		{"dns", 4 * time.Second, "pdns-recursor", true},
		{"http", 4 * time.Second, "pdns-recursor", false},
		{"http", 75 * time.Second, "nginx", true},
		{"redis", 5 * time.Second, "apache", false},
		{"http", 5 * time.Second, "apache", true},
		{"redis", 350 * time.Second, "aws-nat-gateway", true},
		{"redis", 60 * time.Second, "aws-alb", false},
		{"http", 60 * time.Second, "aws-alb", true},
	} {
		owners, err := tuning.Owners(model.Embedded(), x.after, x.after+2*time.Millisecond, "", tuning.Called{}, x.protocol)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.ContainsFunc(owners, func(c tuning.Candidate) bool { return c.Ref.Param.System() == x.want }); got != x.is {
			t.Errorf("%s closes after %v as %q does: %v, in %v", x.protocol, x.after, x.want, got, names(owners))
		}
	}
}

func TestOwnersOfASignature(t *testing.T) {
	for at, want := range map[time.Duration]model.ParamID{
		350 * time.Second: "aws-nat-gateway.idle timeout", 900 * time.Second: "ipvs.tcp timeout", 75 * time.Second: "nginx.keepalive_timeout",
	} {
		owners, err := tuning.Owners(model.Embedded(), at, at+2*time.Millisecond, "", tuning.Called{}, "")
		if err != nil {
			t.Fatal(err)
		}
		got := names(owners)
		if !slices.ContainsFunc(got, func(id model.ParamID) bool { return id.System() == want.System() }) {
			t.Errorf("%v belongs to %v, want %s among them", at, got, want.System())
		}
	}
}
