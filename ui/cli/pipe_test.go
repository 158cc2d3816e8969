package cli

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// What comes within a second of Ctrl-C is read, and the end of what is written ends it, too.
func TestPipe(t *testing.T) {
	for name, c := range map[string]struct {
		later time.Duration // after Ctrl-C something is written
		ends  bool          // and the pipe is closed
		want  string
		cut   bool
	}{
		"written to the end":   {900 * time.Millisecond, true, "before after", false},
		"goes on":              {900 * time.Millisecond, false, "before after", true},
		"comes too late":       {1100 * time.Millisecond, true, "before ", true},
		"nothing comes for it": {time.Hour, false, "before ", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			stop, cancel := context.WithCancel(t.Context())
			in, out := io.Pipe()
			p := newPipe(stop, in)
			idle := 0
			p.idle = func() { idle++ }
			go func() {
				_, _ = out.Write([]byte("before "))
				time.Sleep(5500 * time.Millisecond)
				cancel()
				time.Sleep(c.later)
				_, _ = out.Write([]byte("after"))
				if c.ends {
					_ = out.Close()
				}
			}()
			got, err := io.ReadAll(p)
			if string(got) != c.want || p.cut != c.cut || err != nil && !errors.Is(err, io.EOF) {
				t.Errorf("%s: %q, %v, cut %v", name, got, err, p.cut)
			}
			if idle < 5 || idle > 6 { // at the end two things are due at once
				t.Errorf("%s: told %d times that nothing comes", name, idle)
			}
			_ = in.CloseWithError(io.ErrClosedPipe)
			go func() { // what is read after the end is nobody's
				for range p.read {
				}
			}()
			time.Sleep(2 * time.Hour)
		})
	}
}
