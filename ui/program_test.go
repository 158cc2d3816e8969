package ui

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/paint"
)

// sink is a terminal that counts what a program sends.
type sink struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *sink) Raw() error              { return nil }
func (s *sink) Restore() error          { return nil }
func (s *sink) Size() (int, int, error) { return 80, 24, nil }

func (s *sink) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Len()
}

// start runs a program under virtual time.
func start(t *testing.T, a app) (p *paint.Program, out *sink, end func() app) {
	t.Helper()
	out, a.waiting = &sink{}, nil
	p = paint.New(a, out, paint.Options{FPS: 60}, tea.WithInput(nil), tea.WithoutSignalHandler(), tea.WithContext(a.out.ctx))
	done := make(chan tea.Model, 1)
	go func() { m, _ := p.Run(); done <- m }()
	return p, out, func() app {
		p.Send(tea.Quit())
		last := (<-done).(app)
		last.out.cancel()
		for _, gone := range last.out.running {
			<-gone
		}
		return last
	}
}

func runes(s string) tea.KeyMsg { return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(s)} }

func TestIdleProgramSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := sit(t, "ie@11 > apache", 80, 24)
		p, out, end := start(t, d.app)
		p.Send(runes("++"))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		before := out.Len()
		if before == 0 {
			t.Fatal("nothing was drawn")
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if n := out.Len() - before; n != 0 {
			t.Errorf("an idle program sent %d bytes in two hours", n)
		}
		if a := end(); !strings.Contains(a.View(), "7 s*typed") {
			t.Errorf("two steps do not show:\n%s", a.View())
		}
	})
}

func TestRunningTestTicksOncePerSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := sit(t, "ie@11 > apache", 80, 24, func(c *Config) { c.Now = time.Now })
		d.fake.wait = func(ctx context.Context) { <-ctx.Done() }
		p, out, end := start(t, d.app)
		p.Send(runes("t"))
		p.Send(runes("1"))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		before := out.Len()
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if n := out.Len() - before; n == 0 || n > 20*400 {
			t.Errorf("20 s of a running test sent %d bytes, want some and at most 8000", n)
		}
		p.Send(runes("3"))
		p.Send(runes("s"))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		before = out.Len()
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := out.Len() - before; n != 0 {
			t.Errorf("after the test %d bytes were sent in an hour", n)
		}
		if a := end(); a.test.view.Running {
			t.Error("the test still runs")
		}
	})
}

// A thousand events at once are few updates, and none is lost.
func TestStreamBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := sit(t, "ie@11 > apache", 80, 24)
		for i := range 1000 {
			d.fake.events = append(d.fake.events, livetest.Event{Kind: livetest.EventCounted, Request: i + 1})
		}
		p, _, end := start(t, d.app)
		p.Send(runes("t"))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if a := end(); a.test.view.Result.Requests == nil || a.test.view.Result.Requests.Counted != 1000 {
			t.Errorf("requests are %+v, want 1000", a.test.view.Result.Requests)
		}
	})
}

func TestFinish(t *testing.T) {
	for name, tt := range map[string]struct {
		signal int
		crash  bool
		err    error
		code   int
		kept   bool
		fails  bool
	}{
		"quit with the changes kept": {kept: true},
		"hang-up":                    {signal: 129, err: tea.ErrProgramKilled, code: 129, kept: true},
		"hang-up while quitting":     {signal: 129, code: 129, kept: true},
		"crash":                      {crash: true, code: 70, kept: true, fails: true},
		"terminal failed":            {err: errors.New("no terminal"), code: 1, kept: true, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			d := sit(t, "ie@11 > apache", 80, 24)
			d.press("+")
			before := d.fake.kept
			if tt.crash {
				d.app.out.crash = &crashMsg{"broken", nil}
			}
			d.app.cfg.CrashDir = t.TempDir()
			r, err := d.app.out.finish(d.app.cfg, tt.signal, tt.err)
			if r.ExitCode != tt.code || (err != nil) != tt.fails || (d.fake.kept > before) != tt.kept {
				t.Errorf("code %d, err %v, kept %v; want %d, %v, %v", r.ExitCode, err, d.fake.kept > before, tt.code, tt.fails, tt.kept)
			}
		})
	}
}

func TestPanicInUpdateEndsTheProgram(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.app.cfg.Now = func() time.Time { return time.Time{} }
	d.app.panes[0] = nil
	d.press("+")
	if !d.quit || d.app.out.crash == nil {
		t.Error("a panic in Update does not end the program")
	}
	if v := d.app.View(); v != "" || d.app.out.ctx.Err() == nil {
		t.Error("a panic in View does not end the program")
	}
}
