package tuning_test

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

func TestAServerHeaderNamesASystem(t *testing.T) {
	c := model.Embedded()
	for header, want := range map[string]string{
		"nginx/1.22.1": "nginx@1.22.1", "nginx": "nginx", "Apache/2.4.62 (Debian)": "apache@2.4.62", "Microsoft-IIS/10.0": "iis@10.0",
		"Microsoft-HTTPAPI/2.0": "iis", "Jetty(12.0.9)": "jetty@12.0.9", "awselb/2.0": "aws-alb", "gunicorn": "gunicorn", "Python/3.11 aiohttp/3.14": "aiohttp-server@3.14", "hypercorn-h11": "hypercorn", "Apache-Coyote/1.1": "tomcat", "WildFly/10": "undertow",
		"lighttpd/1.4.69": "lighttpd@1.4.69", "actix-web": "actix-web", "": "", "scripted": "", "cloudflare": "cloudflare", "\x1b[31mnginx/1": "",
	} {
		e, ok := tuning.ServerNamed(c, header)
		if got := e.String(); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, want %q", header, got, want)
		}
	}
}

// What a server closed is never laid to a client's timer.
func TestCandidatesStandOnTheSideThatClosed(t *testing.T) {
	c := model.Embedded()
	for s := range 130 {
		at := time.Duration(s) * time.Second
		owners, err := tuning.Owners(c, at, at, "", tuning.Called{}, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range owners {
			sys, err := c.System(o.Ref.Param.System())
			if err != nil {
				t.Fatal(err)
			}
			if p := sys.Param(o.Ref.Param); p.Face == model.FaceClient || sys.ID == "built-in" {
				t.Errorf("%d s: %s", s, o.Text)
			}
		}
	}
	_, _, r := out(t, "ie@11 > apache@2.4.66")
	for _, x := range tuning.Candidates(r, time.Minute, time.Minute, tuning.ParamRef{}, tuning.Called{}) {
		if x.Ref.Endpoint == "ie" {
			t.Errorf("the server's close is laid to %s", x.Text)
		}
	}
}

// The target's own words count first, and what they speak against comes last.
func TestTheTargetsWordsRankFirst(t *testing.T) {
	c := model.Embedded()
	first := func(header string, at time.Duration, except model.SystemID) (tuning.Candidate, []tuning.Candidate) {
		owners, err := tuning.Owners(c, at, at+time.Millisecond, except, tuning.CalledItself(c, header), "")
		if err != nil || len(owners) == 0 {
			t.Fatalf("%q at %v: %v, %v", header, at, owners, err)
		}
		return owners[0], owners
	}
	for _, x := range []struct {
		header string
		at     time.Duration
		except model.SystemID
		want   string
		set    bool
	}{
		{"nginx/1.22.1", 75 * time.Second, "node", "nginx", false},   // its default
		{"nginx/1.22.1", 2 * time.Second, "gunicorn", "nginx", true}, // Gunicorn's default, but that is another
		{"gunicorn", 2 * time.Second, "nginx", "gunicorn", false},    // it is
		{"nginx/1.22.1", 350 * time.Second, "nginx", "aws", false},   // the session has nginx: a box
		{"acme/3.1", 350 * time.Second, "node", "aws", false},        // not known: a box, too
		{"", 2 * time.Second, "nginx", "gunicorn", false},            // nothing said
		{"Jetty(12.0.9)", 30 * time.Second, "node", "jetty", false},  // of several with that default
		{"Python/3.11 aiohttp/3.14", 99 * time.Second, "node", "aiohttp-server", true},
	} {
		got, all := first(x.header, x.at, x.except)
		if id := got.Ref.Param.System(); !strings.HasPrefix(string(id), x.want) || got.Set() != x.set || got.Against() {
			t.Errorf("%q closing at %v is first %s, set %v, against %v; want %s, %v", x.header, x.at, got.Text, got.Set(), got.Against(), x.want, x.set)
		}
		against := false
		for _, o := range all {
			if against && !o.Against() {
				t.Errorf("%q closing at %v: %s behind what the target speaks against", x.header, x.at, o.Text)
			}
			against = o.Against()
			if against != strings.Contains(o.Text, ", but the target calls itself "+x.header) || against && x.header == "" {
				t.Errorf("%q: %s", x.header, o.Text)
			}
		}
	}
	if said := tuning.CalledItself(c, "acme/3.1"); said.Known() || said.Is.System != tuning.UnknownServer {
		t.Errorf("acme is %+v", said)
	}
	if _, err := c.System(tuning.UnknownServer); err != nil {
		t.Error(err)
	}
	// On the path, too.
	_, _, r := out(t, "chrome > nginx > node")
	for header, want := range map[string]model.EndpointID{"nginx/1.22.1": "nginx", "": "nginx", "node": "node"} {
		said := tuning.CalledItself(c, header)
		got := tuning.Candidates(r, time.Minute, time.Minute, tuning.ParamRef{}, said)
		if len(got) < 2 || got[0].Ref.Endpoint != want {
			t.Errorf("%q closing at 1 m: %+v", header, got)
		}
	}
	_, _, r = out(t, "chrome > node > gunicorn")
	behind := tuning.Candidates(r, 2*time.Second, 2*time.Second, tuning.ParamRef{}, tuning.CalledItself(c, "node"))
	if len(behind) != 1 || !behind[0].Against() {
		t.Errorf("only gunicorn closes at 2 s, and the target is node: %+v", behind)
	}
	box := []tuning.Candidate{{Name: "box"}}
	if got := tuning.Explaining(behind, box); len(got) != 2 || got[0].Name != "box" {
		t.Errorf("%+v", got)
	}
}
