package native_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// The whole of sysctl -a is recognised however far behind net. stands, and no line of it
// is told as not used; a file that somebody wrote is told of each.
func TestSysctlDump(t *testing.T) {
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "kernel.sched_domain.cpu%d.domain0.name = SMT\n", i)
	}
	head := b.String()
	net := "net.ipv4.tcp_abort_on_overflow = 0\nnet.ipv4.tcp_keepalive_time = 600\n"
	for name, tt := range map[string]struct {
		text   string
		unused int
	}{
		"all of it":            {head + net, 0},
		"a file of somebody's": {"# ours\n" + net, 1},
	} {
		if id := native.Detect([]byte(tt.text)); id != "sysctl" {
			t.Errorf("%s is taken for %q", name, id)
			continue
		}
		im, err := native.ImportAny("sysctl.txt", []byte(tt.text), model.Embedded())
		if err != nil {
			t.Fatal(err)
		}
		if s := im.Settings["linux.tcp_keepalive_time"]; s.Value != model.For(10*time.Minute) {
			t.Errorf("%s has %+v", name, s)
		}
		if len(im.Unused) != tt.unused {
			t.Errorf("%s has %d lines not used, not %d", name, len(im.Unused), tt.unused)
		}
	}
}
