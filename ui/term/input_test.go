//go:build !windows

package term

import (
	"os"
	"sync/atomic"
	"testing"
	"time"

	xterm "github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// open returns the far end, and an Input on a raw near end.
func open(t *testing.T) (far *os.File, in *Input, hung *atomic.Int32) {
	t.Helper()
	far, near, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = near.Close(); _ = far.Close() })
	if _, err := xterm.MakeRaw(near.Fd()); err != nil {
		t.Fatal(err)
	}
	hung = new(atomic.Int32)
	return far, NewInput(near, func() { hung.Add(1) }), hung
}

func send(t *testing.T, far *os.File, pause time.Duration, parts ...string) {
	t.Helper()
	go func() {
		for i, p := range parts {
			if i > 0 {
				time.Sleep(pause)
			}
			_, _ = far.WriteString(p)
		}
	}()
}

func TestSplitSequencesAreJoined(t *testing.T) {
	for name, parts := range map[string][]string{
		"up":              {"\x1b", "[A"},
		"up in three":     {"\x1b", "[", "A"},
		"application up":  {"\x1bO", "A"},
		"shift up":        {"\x1b[1;", "2A"},
		"behind text":     {"jj\x1b", "[B"},
		"character":       {"\xe4\xb8", "\x96"},
		"linux f1":        {"\x1b[[", "A"},
		"x10 mouse":       {"\x1b[M ", "!!"},
		"character after": {"\x1b[A\xc3", "\xa9"},
	} {
		t.Run(name, func(t *testing.T) {
			far, in, _ := open(t)
			in.Lone, in.Rest = time.Minute, time.Minute
			send(t, far, 15*time.Millisecond, parts...)
			want := ""
			for _, p := range parts {
				want += p
			}
			b := make([]byte, 256)
			n, err := in.Read(b)
			if err != nil || string(b[:n]) != want {
				t.Errorf("read %q, %v; want %q", b[:n], err, want)
			}
		})
	}
}

func TestLoneEscArrives(t *testing.T) {
	far, in, _ := open(t)
	send(t, far, 0, "\x1b")
	b := make([]byte, 256)
	began := time.Now()
	n, err := in.Read(b)
	if err != nil || string(b[:n]) != "\x1b" {
		t.Fatalf("read %q, %v", b[:n], err)
	}
	if took := time.Since(began); took < Patience/2 {
		t.Errorf("did not wait: %v", took)
	}
}

// An ESC that came long before the rest of its key was taken for the Esc key; the
// rest is not taken for what somebody typed.
func TestLateRestIsStillTheKey(t *testing.T) {
	for name, c := range map[string]struct{ rest, want string }{
		"arrow":        {"[A", "\x1b[A"},
		"application":  {"OB", "\x1bOB"},
		"page up":      {"[5~", "\x1b[5~"},
		"linux f1":     {"[[A", "\x1b[[A"},
		"x10 mouse":    {"[M !!", "\x1b[M !!"},
		"typed":        {"[", "["},
		"typed more":   {"[Ab", "[Ab"},
		"other letter": {"j", "j"},
	} {
		t.Run(name, func(t *testing.T) {
			far, in, _ := open(t)
			in.Lone, in.Rest = time.Nanosecond, time.Minute
			b := make([]byte, 256)
			for _, step := range [][2]string{{"\x1b", "\x1b"}, {c.rest, c.want}} {
				if _, err := far.WriteString(step[0]); err != nil {
					t.Fatal(err)
				}
				if n, err := in.Read(b); err != nil || string(b[:n]) != step[1] {
					t.Errorf("read %q, %v; want %q", b[:n], err, step[1])
				}
			}
			in.esc = time.Now().Add(-2 * time.Minute)
			if _, err := far.WriteString(c.rest); err != nil {
				t.Fatal(err)
			}
			if n, err := in.Read(b); err != nil || string(b[:n]) != c.rest {
				t.Errorf("long after an Esc: read %q, %v; want %q", b[:n], err, c.rest)
			}
		})
	}
}

func TestWholeKeysDoNotWait(t *testing.T) {
	for _, keys := range []string{"j", "\x1b[A", "+++++", "\x1bx", "é"} {
		if incomplete([]byte(keys)) {
			t.Errorf("%q is taken for incomplete", keys)
		}
	}
	if incomplete(nil) {
		t.Error("nothing is taken for incomplete")
	}
}

func TestAGoneTerminalHangsUp(t *testing.T) {
	far, in, hung := open(t)
	if err := far.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := in.Read(make([]byte, 16)); err == nil || n != 0 {
		t.Errorf("read %d bytes, %v", n, err)
	}
	if hung.Load() == 0 {
		t.Error("the hang-up was not reported")
	}
}

// What was read before the end is not lost, and the end is reported after it.
func TestGoneInTheMiddleOfASequence(t *testing.T) {
	far, in, hung := open(t)
	if _, err := far.WriteString("\x1b"); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(10*time.Millisecond, func() { _ = far.Close() })
	b := make([]byte, 16)
	for range 3 {
		if _, err := in.Read(b); err != nil {
			break
		}
	}
	if hung.Load() == 0 {
		t.Error("the hang-up was not reported")
	}
}

func TestUsable(t *testing.T) {
	_, in, _ := open(t)
	if ok, why := Usable(in.File, in.File, "xterm"); !ok {
		t.Error(why)
	}
	if ok, _ := Usable(in.File, in.File, "dumb"); ok {
		t.Error("dumb is usable")
	}
	if ok, _ := Usable(in.File, in.File, ""); ok {
		t.Error("no TERM is usable")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if ok, why := Usable(in.File, w, "xterm"); ok || why != "standard output is not a terminal" {
		t.Error(ok, why)
	}
	if ok, why := Usable(r, in.File, "xterm"); ok || why != "standard input is not a terminal" {
		t.Error(ok, why)
	}
}
