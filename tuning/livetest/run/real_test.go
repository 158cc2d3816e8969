//go:build real

package run_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// A certificate that nobody vouches for is refused, and named, before anything is asked.
func TestRealUnknownAuthority(t *testing.T) {
	t.Parallel()
	s := realserver.Nginx(t, realserver.NginxConf{TLS: true})
	o := collect(t.Context(), run.Tester{}, specFor(t, "https://"+s.Addr))
	if !errors.Is(o.err, run.ErrUnreachable) || !strings.Contains(o.err.Error(), "signed by an unknown authority") {
		t.Errorf("err = %v", o.err)
	}
}

func show(i *livetest.Idle) string {
	if i == nil {
		return "nothing"
	}
	return fmt.Sprintf("%s/%s/%s %s (%d good, %d discarded, %d bytes)", span(i.Low), span(i.After), span(i.High), i.Close, i.Samples, i.Discarded, i.BytesBefore)
}

func span(d *time.Duration) string {
	if d == nil {
		return "-"
	}
	return d.Round(time.Millisecond).String()
}
