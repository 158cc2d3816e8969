package paint

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// console is a terminal of 20 by 3 that keeps what it is sent.
type console struct {
	mu       sync.Mutex
	sent     []string
	raw      int
	broken   bool // takes nothing
	failed   bool // cannot be made raw
	sizeless bool
	also     io.Writer // gets what is sent; nil for nobody
}

var errConsole = errors.New("no terminal")

func (c *console) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken {
		return 0, errConsole
	}
	c.sent = append(c.sent, string(b))
	if c.also != nil {
		_, _ = c.also.Write(b)
	}
	return len(b), nil
}

func (c *console) Raw() error {
	if c.failed {
		return errConsole
	}
	c.raw++
	return nil
}

func (c *console) Restore() error { c.raw--; return nil }

func (c *console) Size() (int, int, error) {
	if c.sizeless {
		return 0, 0, errConsole
	}
	return 20, 3, nil
}

// took returns what was sent since it was asked last.
func (c *console) took() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	sent := c.sent
	c.sent = nil
	return sent
}

// echo shows the text of the last message; it breaks where it is told to.
type echo struct {
	text  string
	views *int
}

func (e echo) Init() tea.Cmd { return nil }

func (e echo) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if text, ok := msg.(string); ok {
		e.text = text
	}
	if e.text == "break" {
		panic("broken")
	}
	return e, nil
}

func (e echo) View() string {
	*e.views++
	if e.text == "break the view" {
		panic("broken")
	}
	return e.text
}

// a sitting is a program under virtual time.
type sitting struct {
	*Program
	console *console
	views   int
	done    chan error
}

func sit(t *testing.T, o Options) *sitting {
	t.Helper()
	s := &sitting{console: &console{}, done: make(chan error, 1)}
	s.Program = New(echo{"first", &s.views}, s.console, o, tea.WithInput(nil), tea.WithoutSignalHandler(), tea.WithContext(t.Context()))
	go func() {
		_, err := s.Run()
		s.done <- err
	}()
	synctest.Wait()
	return s
}

func (s *sitting) send(t *testing.T, msgs ...tea.Msg) []string {
	t.Helper()
	for _, m := range msgs {
		s.Send(m)
	}
	synctest.Wait()
	return s.console.took()
}

func (s *sitting) quit(t *testing.T) string {
	t.Helper()
	s.Send(tea.Quit())
	if err := <-s.done; err != nil {
		t.Error(err)
	}
	if s.console.raw != 0 {
		t.Error("the terminal is still raw")
	}
	return strings.Join(s.console.took(), "")
}

func is(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%s sends %q, want %q", what, got, want)
	}
}

// A change is sent at once, each in one piece, and nothing while nothing changes.
func TestDrawsWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sit(t, Options{FPS: 100})
		is(t, "the beginning", s.console.took(), screenOn, "\x1b[Hfirst\x1b[K\r\n\x1b[K\r\n\x1b[K")
		time.Sleep(time.Hour)
		is(t, "an hour", s.console.took())
		is(t, "a change", s.send(t, "fifth"), "\x1b[1;3Hfth")
		time.Sleep(time.Second)
		is(t, "the same once more", s.send(t, "fifth"))
		if got := s.quit(t); got != mouseOff+screenOff {
			t.Errorf("the end sends %q", got)
		}
	})
}

// However many changes come at once, two frames are drawn of them: the first at
// once, the last within the time of a frame.
func TestBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sit(t, Options{FPS: 100})
		time.Sleep(time.Second)
		s.console.took()
		before := s.views
		var burst []tea.Msg
		for range 500 {
			burst = append(burst, "x", "y")
		}
		is(t, "the burst", s.send(t, burst...), "\x1b[Hx\x1b[K")
		time.Sleep(10*time.Millisecond - 1)
		synctest.Wait()
		is(t, "not yet", s.console.took())
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		is(t, "its end", s.console.took(), "\x1b[Hy")
		time.Sleep(time.Second)
		synctest.Wait()
		if n := s.views - before; n != 2 {
			t.Errorf("%d views were made", n)
		}
		s.send(t, "w")
		is(t, "right after it", s.send(t, "z"))
		time.Sleep(10 * time.Millisecond)
		synctest.Wait()
		is(t, "a frame later", s.console.took(), "\x1b[Hz")
		s.quit(t)
	})
}

// Bubble Tea's commands about the screen do what they do with its renderer.
func TestCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sit(t, Options{Mouse: true, Sync: true})
		const whole = syncOn + "\x1b[Hfirst\x1b[K\r\n\x1b[K\r\n\x1b[K" + syncOff
		is(t, "the beginning", s.console.took(), screenOn+mouseOn, whole)
		is(t, "a repaint", s.send(t, tea.ClearScreen()), mouseOff+screenOff, screenOn+mouseOn, whole)
		is(t, "the mouse off", s.send(t, tea.DisableMouse()), mouseOff)
		is(t, "a repaint without a mouse", s.send(t, tea.ClearScreen()), mouseOff+screenOff, screenOn, whole)
		is(t, "the mouse on", s.send(t, tea.EnableMouseCellMotion()), mouseOn)
		is(t, "another size", s.send(t, tea.WindowSizeMsg{Width: 3, Height: 1}), syncOn+"\x1b[Hfir"+syncOff)
		s.Resized()
		synctest.Wait()
		is(t, "the size as it is", s.console.took(), whole)
		is(t, "a resumption", s.send(t, tea.ResumeMsg{}), screenOn+mouseOn, whole, whole)
		s.console.raw-- // that it was suspended was not true
		s.quit(t)
	})
}

// While the process is stopped nothing is drawn; the terminal is the shell's.
func TestLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sit(t, Options{})
		s.console.took()
		if msg := s.leaving(nil, tea.SuspendMsg{}); msg != (tea.SuspendMsg{}) {
			t.Errorf("the filter makes %v of it", msg)
		}
		is(t, "suspended", s.console.took(), mouseOff+screenOff)
		if s.console.raw != 0 {
			t.Error("a suspended terminal is raw")
		}
		is(t, "a message in between", s.send(t, "unseen"))
		if s.leaving(nil, "x") != "x" || s.console.took() != nil {
			t.Error("the filter takes other messages")
		}
		if got := s.quit(t); got != "" {
			t.Errorf("the end sends %q though the terminal was given back", got)
		}
	})
}

// What could not be sent is sent by the next frame.
func TestLostFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sit(t, Options{})
		s.console.took()
		s.console.broken = true
		is(t, "a broken terminal", s.send(t, "lost"))
		s.console.broken = false
		is(t, "the next frame", s.send(t, "lose"), "\x1b[Hlose\x1b[K\r\n\x1b[K\r\n\x1b[K")
		s.quit(t)
	})
}

// Where there is no screen to have, nothing is sent and nothing left raw.
func TestNoTerminal(t *testing.T) {
	for _, c := range []*console{{failed: true}, {sizeless: true}} {
		if _, err := New(echo{views: new(int)}, c, Options{}).Run(); !errors.Is(err, errConsole) {
			t.Errorf("%v", err)
		}
		if c.took() != nil || c.raw != 0 {
			t.Error("something was done to the terminal")
		}
	}
}

// The terminal is given back before Bubble Tea tells of a panic on it.
func TestPanic(t *testing.T) {
	for _, text := range []string{"break", "break the view"} {
		synctest.Test(t, func(t *testing.T) {
			out, err := os.Create(filepath.Join(t.TempDir(), "out"))
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			was := os.Stdout
			os.Stdout = out
			defer func() { os.Stdout = was }()
			s := sit(t, Options{})
			s.console.also = out
			s.Send(text)
			if err := <-s.done; !errors.Is(err, tea.ErrProgramPanic) {
				t.Errorf("%s: %v", text, err)
			}
			told, err := os.ReadFile(out.Name())
			if err != nil || !strings.HasPrefix(string(told), mouseOff+screenOff+"Caught panic:\n\nbroken") {
				t.Errorf("%s: the terminal gets %q, %v", text, told, err)
			}
			if s.console.raw != 0 {
				t.Errorf("%s: the terminal is still raw", text)
			}
		})
	}
}
