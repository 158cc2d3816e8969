package run_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

// hostileSentences is what must be said of each behaviour; "" is a measured result.
var hostileSentences = map[string]string{
	"binary":           "does not speak HTTP/1",
	"binary-flood":     "does not speak HTTP/1",
	"banner":           "first line is \"SSH-2.0-OpenSSH_9.6\"",
	"http2":            "first line is \"HTTP/2 200\"",
	"bad-status":       "malformed status line",
	"status-99":        "malformed status line",
	"endless-headers":  "more than 256 KiB of headers",
	"endless-line":     "a line of more than 64 KiB",
	"huge-keep-alive":  "a line of more than 64 KiB",
	"many-keep-alives": "more than 256 KiB of headers",
	"endless-body":     "a body of more than 8 MiB",
	"endless-chunks":   "a body of more than 8 MiB",
	"tiny-chunks":      "tiny chunks without end",
	"long-chunk-line":  "a line of more than 64 KiB",
	"bad-chunk":        "malformed chunk size",
	"huge-chunk":       "malformed chunk size",
	"lying-chunk":      "a chunk longer than it said",
	"endless-trailer":  "more than 256 KiB of headers",
	"huge-length":      "a body of more than 8 MiB",
	"negative-length":  "malformed Content-Length \"-5\"",
	"two-lengths":      "malformed Content-Length",
	"no-colon":         "malformed header line",
	"endless-interim":  "interim replies without end",
	"switch":           "switched to another protocol",
	"stall":            "no answer in time",
	"stall-in-head":    "no answer in time",
	"stall-in-body":    "no answer in time",
	"drip":             "no answer in time",
	"close-at-once":    "closed the connection without a complete reply",
	"reset-at-once":    "reset the connection",
	"close-on-request": "closed the connection without a complete reply",
	"reset-on-request": "reset the connection",
	"half-status":      "closed the connection without a complete reply",
	"half-head":        "closed the connection without a complete reply",
	"half-body":        "closed the connection without a complete reply",
	"half-chunk":       "reset the connection",
	"flood-before":     "no usable reply",
	"flood-after":      "floods a silent connection",
	"escapes":          "",
	"bidi":             "",
	"nul":              "",
	"absurd-hint":      "",
	"redirect-loop":    "",
}

// mostRead is the most that one connection may take in: a body, its head, a buffer.
const mostRead = 9 << 20

// counted counts what is read from a connection.
type counted struct {
	net.Conn
	n    int64
	most *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.n += int64(n); c.n > c.most.Load() {
		c.most.Store(c.n)
	}
	return n, err
}

func TestHostileServers(t *testing.T) {
	seen := map[string]bool{}
	for _, h := range scripted.Hostiles() {
		seen[h.Name] = true
		t.Run(h.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var most atomic.Int64
				dial := scripted.Dialer(scripted.Script{Hostile: h.Name})
				p := run.Tester{Dial: func(ctx context.Context, a string) (net.Conn, error) {
					c, err := dial(ctx, a)
					return &counted{Conn: c, most: &most}, err
				}}
				spec := livetest.NewSpec(target())
				spec.IdleLimit = 20 * time.Second
				o := collect(t.Context(), p, spec)
				t.Logf("%q: %v after %v, %d bytes, %s %s", h.Name, o.err, o.took, most.Load(), o.res.Outcome, o.res.Reason)
				want, ok := hostileSentences[h.Name]
				var stop *run.Error
				switch {
				case !ok:
					t.Errorf("no sentence is expected of %q", h.Name)
				case want == "" && (o.err != nil || o.res.Outcome != livetest.OutcomeMeasured):
					t.Errorf("err = %v, outcome %q, want it measured", o.err, o.res.Outcome)
				case want != "" && (!errors.As(o.err, &stop) || !errors.Is(o.err, run.ErrInconclusive) || !strings.Contains(o.err.Error(), want)):
					t.Errorf("err = %v, want an inconclusive test that says %q", o.err, want)
				}
				if o.took > 35*time.Second {
					t.Errorf("took %v", o.took)
				}
				if most.Load() > mostRead {
					t.Errorf("read %d bytes of one connection", most.Load())
				}
				checkClean(t, o)
			})
		})
	}
	for name := range hostileSentences {
		if !seen[name] {
			t.Errorf("there is no hostile server %q", name)
		}
	}
}

// checkClean fails when an event or an error holds a byte that a terminal would obey.
func checkClean(t *testing.T, o outcome) {
	t.Helper()
	texts := []string{o.res.Reason}
	if o.err != nil {
		texts = append(texts, o.err.Error())
	}
	for _, e := range o.events {
		texts = append(texts, e.Text, e.Connection, e.Version)
		b, err := json.Marshal(e)
		if err != nil || len(b) > 4<<10 {
			t.Errorf("event %s of %d bytes: %v", e.Kind, len(b), err)
		}
	}
	for _, s := range texts {
		for _, r := range s {
			if !unicode.IsPrint(r) {
				t.Errorf("%q holds %U", s, r)
			}
		}
	}
}
