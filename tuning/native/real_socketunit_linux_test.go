//go:build real

package native_test

import (
	"net"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// ignoredLine is what systemd says of a line that it cannot read.
var ignoredLine = regexp.MustCompile(`k\.socket:(\d+): Failed to parse`)

// TestRealSocketUnits writes a unit of many lines and asks systemd itself which
// of them it cannot read, and how long its times are.
func TestRealSocketUnits(t *testing.T) {
	realserver.Need(t, "systemd-analyze")
	lines := []struct{ key, value, want string }{ // empty: systemd ignores it, or the kernel does
		{"KeepAlive", "yes", "on"},
		{"KeepAlive", "F", "off"},
		{"KeepAlive", "maybe", ""},
		{"KeepAliveProbes", "0x5", "5"},
		{"KeepAliveProbes", "010", "8"},
		{"KeepAliveProbes", "1_0", ""},
		{"KeepAliveProbes", "-3", ""},
		{"KeepAliveProbes", "127", "127"},
		{"KeepAliveProbes", "128", ""},
		{"KeepAliveProbes", "", ""},
	}
	for _, value := range []string{"5min 20s", "1h30", "0.5min 60", "1 2", "20s5min", "55s500ms", "1.5", "2h", "90 minutes", "2h # two", "-5", "", `"60"`, "5x", "1M", "8hr", "1 . 5"} {
		lines = append(lines, struct{ key, value, want string }{"KeepAliveTimeSec", value, realSpan(t, value)})
	}
	unit := "[Socket]\nListenStream=127.0.0.1:9\n"
	var told []string
	for i, l := range lines {
		unit += l.key + "=" + l.value + "\n"
		alone := "[Socket]\n" + l.key + "=" + l.value + "\n"
		im := opened(t, format(t, "systemd-socket"), "/k.socket", memory{"/k.socket": alone})
		got := ""
		for _, c := range im.Contexts {
			for _, s := range c.Settings {
				got += s.Value.String()
			}
		}
		if got != l.want {
			t.Errorf("%s=%s is %q here and %q there", l.key, l.value, got, l.want)
		}
		for _, w := range im.Warnings {
			if strings.HasSuffix(w.Text, "systemd ignores the line") {
				told = append(told, strconv.Itoa(i+3))
			}
		}
	}
	dir := realserver.Dir(t)
	realserver.File(t, dir, "k.service", "[Service]\nExecStart=/bin/true\n")
	file := realserver.File(t, dir, "k.socket", unit)
	out, _ := exec.CommandContext(t.Context(), "systemd-analyze", "verify", file).CombinedOutput() // it fails for other reasons, too
	var ignored []string
	for _, m := range ignoredLine.FindAllStringSubmatch(string(out), -1) {
		ignored = append(ignored, m[1])
	}
	if !slices.Equal(ignored, told) {
		t.Errorf("systemd ignores lines %v, the import says %v\n%s", ignored, told, out)
	}
}

// realSpan is a time as systemd understands it, in whole seconds; empty where
// it does not, or where the kernel has no such time.
func realSpan(t *testing.T, value string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", "timespan", "--", value).CombinedOutput()
	if err != nil {
		return ""
	}
	_, number, _ := strings.Cut(string(out), "s: ")
	number, _, _ = strings.Cut(number, "\n")
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil {
		t.Fatalf("systemd-analyze timespan %q: %s", value, out)
	}
	d := time.Duration(n) * time.Microsecond
	if d > 32767*time.Second {
		return ""
	}
	return model.For(d.Truncate(time.Second)).String()
}

// TestRealSocketsInherit holds what a server of systemd rests on: an accepted
// socket has the options of the one that listens, up to the kernel's limits.
func TestRealSocketsInherit(t *testing.T) {
	want := map[int]int{syscall.TCP_KEEPIDLE: 320, syscall.TCP_KEEPINTVL: 30, syscall.TCP_KEEPCNT: 4}
	config := net.ListenConfig{KeepAlive: -1, Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) {
			if err := syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1); err != nil {
				t.Error(err)
			}
			for option, value := range want {
				if err := syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, option, value); err != nil {
					t.Error(err)
				}
			}
			for option, beyond := range map[int]int{syscall.TCP_KEEPIDLE: 32768, syscall.TCP_KEEPINTVL: 0, syscall.TCP_KEEPCNT: 128} {
				if err := syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, option, beyond); err == nil {
					t.Errorf("option %d takes %d", option, beyond)
				}
			}
		})
	}}
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	raw, err := server.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Control(func(fd uintptr) {
		if on, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_KEEPALIVE); err != nil || on != 1 {
			t.Errorf("SO_KEEPALIVE is %d: %v", on, err)
		}
		for option, value := range want {
			if got, err := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, option); err != nil || got != value {
				t.Errorf("option %d is %d, not %d: %v", option, got, value, err)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
