//go:build real

package native_test

import (
	"fmt"
	"testing"

	"example.com/keeptune/tuning/livetest/run/realserver"
)

// TestRealVarnishContexts runs each VCL of testdata/read and holds the imported
// values of each backend against what that server does.
func TestRealVarnishContexts(t *testing.T) {
	for _, r := range readings(t) {
		if r.format != "varnish" || len(r.real) == 0 {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			realserver.Need(t, "varnishd")
			p := rehearse(t, r, "/etc/varnish")
			port := p.ports["8080"]
			output := realserver.Run(t, p.dir, nil, "varnishd", "-F", "-n", realserver.Dir(t), "-a", fmt.Sprintf("127.0.0.1:%d", port), "-f", p.dir+r.main).Output
			ready(t, port, output)
			scenes := p.scenes(t, "varnish", "7.1.1")
			for _, s := range scenes {
				p.find(s)
			}
			together(scenes, (*scene).varnishFront, (*scene).varnishBack)
			if t.Failed() {
				t.Logf("%s", output())
			}
		})
	}
}

func (s *scene) varnishFront() {
	if want, ok := s.span("varnish.timeout_idle"); ok {
		s.idle(true, want)
	}
}

func (s *scene) varnishBack() {
	if want, ok := s.span("varnish.upstream.first_byte_timeout"); ok {
		s.slow(want)
	}
}
