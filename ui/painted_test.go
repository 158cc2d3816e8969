package ui

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/google/go-cmp/cmp"
	"github.com/hinshun/vt10x"
	"github.com/muesli/termenv"

	"example.com/keeptune/ui/paint"
)

// A pane of glass is a terminal that shows what it is sent.
type glass struct {
	mu sync.Mutex
	vt vt10x.Terminal
}

func (g *glass) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.vt.Write(b)
}

func (g *glass) Raw() error              { return nil }
func (g *glass) Restore() error          { return nil }
func (g *glass) Size() (int, int, error) { return 80, 24, nil }

// cells are the characters of a terminal with their looks, a row each.
func (g *glass) cells() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	w, h := g.vt.Size()
	rows := make([]string, h)
	for y := range rows {
		for x := range w {
			c := g.vt.Cell(x, y)
			rows[y] += fmt.Sprintf("%c %d %x %x|", max(' ', c.Char), c.Mode, c.FG, c.BG)
		}
	}
	return rows
}

// viewed keeps the last view of a model.
type viewed struct {
	tea.Model
	view *string
}

func (v viewed) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m, cmd := v.Model.Update(msg)
	return viewed{m, v.view}, cmd
}

func (v viewed) View() string {
	*v.view = v.Model.View()
	return *v.view
}

// What is painted of one screen after the other is each of them to the cell, as if
// the whole of it had been sent to an empty terminal.
func TestPaintedScreens(t *testing.T) {
	lipgloss.SetColorProfile(termenv.ANSI)
	defer lipgloss.SetColorProfile(termenv.Ascii)
	keys := []tea.Msg{
		runes("+"), runes("?"), runes("q"), runes("2"), runes("3"), runes("4"), runes("5"), runes("6"), runes("1"), runes("i"), runes("i"), runes("f"), runes("q"),
		tea.KeyMsg{Type: tea.KeyTab},
		runes("p"),
		tea.KeyMsg{Type: tea.KeyEsc},
		runes("s"), runes("nginx"),
		tea.KeyMsg{Type: tea.KeyEsc},
		runes(":"), runes("set"),
		tea.KeyMsg{Type: tea.KeyEsc},
		tea.KeyMsg{Type: tea.KeyDown},
		tea.KeyMsg{Type: tea.KeyEnter},
		runes("42s"),
		tea.KeyMsg{Type: tea.KeyEnter},
		tea.WindowSizeMsg{Width: 80, Height: 24},
	}
	synctest.Test(t, func(t *testing.T) {
		d := sit(t, "ie@11 > apache", 80, 24, unicode)
		var view string
		g := &glass{vt: vt10x.New(vt10x.WithSize(80, 24))}
		p := paint.New(viewed{d.app, &view}, g, paint.Options{FPS: 60}, tea.WithInput(nil), tea.WithoutSignalHandler(), tea.WithContext(d.app.out.ctx))
		done := make(chan struct{})
		go func() { defer close(done); _, _ = p.Run() }()
		seen := map[string]bool{}
		for i, key := range keys {
			p.Send(key)
			time.Sleep(time.Second)
			synctest.Wait()
			seen[view] = true
			whole := &glass{vt: vt10x.New(vt10x.WithSize(80, 24))}
			_, _ = whole.Write([]byte(strings.ReplaceAll(view, "\n", "\r\n")))
			if diff := cmp.Diff(whole.cells(), g.cells()); diff != "" {
				t.Fatalf("after key %d, %v, the painted screen is another (-view +painted):\n%s", i, key, diff)
			}
		}
		if len(seen) < 15 {
			t.Errorf("only %d screens were seen", len(seen))
		}
		p.Send(tea.Quit())
		<-done
	})
}
