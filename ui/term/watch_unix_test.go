//go:build unix

package term

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

func TestWatch(t *testing.T) {
	hups := make(chan os.Signal, 1) // whatever the parent of this process ignores
	signal.Notify(hups, syscall.SIGHUP)
	signal.Stop(hups)
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		sig  syscall.Signal
		code int
	}{{syscall.SIGHUP, 129}, {syscall.SIGTERM, 143}, {syscall.SIGINT, 130}} {
		w := NewWatch(t.Context())
		if w.ExitCode() != 0 {
			t.Error("ended before it began")
		}
		if err := self.Signal(c.sig); err != nil {
			t.Fatal(err)
		}
		select {
		case <-w.Context().Done():
		case <-time.After(time.Minute):
			t.Fatalf("%v does not end the session", c.sig)
		}
		w.HangUp()
		if got := w.ExitCode(); got != c.code {
			t.Errorf("%v: exit code %d, want %d", c.sig, got, c.code)
		}
		w.Stop()
	}
	w := NewWatch(context.Background())
	w.HangUp()
	if w.ExitCode() != 129 || w.Context().Err() == nil {
		t.Error("a lost terminal does not end the session")
	}
	w.Stop()
}
