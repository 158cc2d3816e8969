package tuning_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

func TestAServerHeaderNamesASystem(t *testing.T) {
	c := model.Embedded()
	for header, want := range map[string]string{
		"nginx/1.22.1": "nginx@1.22.1", "nginx": "nginx", "Apache/2.4.62 (Debian)": "apache@2.4.62", "Microsoft-IIS/10.0": "iis@10.0",
		"Microsoft-HTTPAPI/2.0": "iis", "Jetty(12.0.9)": "jetty@12.0.9", "awselb/2.0": "aws-alb", "gunicorn": "gunicorn", "Python/3.11 aiohttp/3.8.4": "",
		"lighttpd/1.4.69": "lighttpd@1.4.69", "": "", "scripted": "", "cloudflare": "cloudflare", "\x1b[31mnginx/1": "",
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
		owners, err := tuning.Owners(c, at, at)
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
	for _, x := range tuning.Candidates(r, time.Minute, time.Minute, tuning.ParamRef{}) {
		if x.Ref.Endpoint == "ie" {
			t.Errorf("the server's close is laid to %s", x.Text)
		}
	}
}
