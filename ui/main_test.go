package ui

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/options"
	"example.com/keeptune/ui/theme"
)

var update = flag.Bool("update", false, "write the goldens again")

func TestMain(m *testing.M) {
	lipgloss.SetColorProfile(termenv.Ascii)
	if _, err := model.Embedded().All(); err != nil { // read once, before a desk waits for it
		panic(err)
	}
	os.Exit(m.Run())
}

// fake is the outside of a screen under test.
type fake struct {
	mu         sync.Mutex
	events     []livetest.Event
	wait       func(context.Context) // while the test runs, of which the desk is told nothing then
	foreign    bool
	saved      map[string]model.Document
	kept       uint64
	configs    map[string]contract.Imported
	ask        func(contract.ImportFile) *contract.Question // before anything is imported
	asked      contract.ImportFile                          // the last that was imported
	patch      contract.Patch
	names      []string
	planned    []Planned
	written    []string
	options    options.Set // that were kept
	panics     bool
	spec       livetest.Spec // of the last test
	controls   *run.Controls
	sockets    []census.Socket // of this host
	netns      string          // in which they were counted, or the host was read, last
	namespaces []contract.Namespace
	counts     int // how often they were counted
	captures   map[string][]byte
	watch      []contract.Captured // what a watch shows, one after the other
	watched    contract.WatchQuery
	feed       chan contract.Captured // and then
	refuses    error                  // what counting them gives

	host      machine.Machine // this host, as it is read
	hostErr   error
	hostPaths []contract.Imported
}

func (f *fake) Sockets(_ context.Context, q contract.CensusQuery) (*census.Summary, int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts++
	m := census.NewSummary(q.Filter)
	m.Compare(q.Beside)
	m.Follow()
	f.netns = q.Namespace
	for i := range f.sockets {
		m.Add(&f.sockets[i])
	}
	return m, 2, f.refuses
}

func (f *fake) Capture(ctx context.Context, file string, emit func(contract.Captured)) error {
	b, ok := f.captures[file]
	if !ok {
		return fmt.Errorf("cannot read %s: no such file", file)
	}
	for f.feed != nil {
		select {
		case x, more := <-f.feed:
			if !more {
				f.feed = nil
				break
			}
			emit(x)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r, err := capture.Open(bytes.NewReader(b))
	if err != nil {
		return err
	}
	from := &fakePackets{}
	t := trace.New(from.recent.Add)
	var s capture.Segment
	for r.Next(&s) == nil {
		t.Add(&s)
		s.Payload = nil
		from.all = append(from.all, s)
	}
	t.End()
	emit(contract.Captured{Of: file, Picture: t.Picture(1000), File: r.Counts(), Source: from})
	return nil
}

// fakePackets are those of a capture that a test has.
type fakePackets struct {
	recent trace.Recent
	all    []capture.Segment
}

func (p *fakePackets) Connections(server netip.AddrPort) []trace.Connection {
	return p.recent.Connections(server)
}

func (p *fakePackets) Of(_ context.Context, c *trace.Connection) (all []capture.Segment, more bool, err error) {
	for _, s := range p.all {
		if s.Src == c.Client || s.Dst == c.Client {
			all = append(all, s)
		}
	}
	return all, false, nil
}

func (f *fake) Watch(ctx context.Context, q contract.WatchQuery, emit func(contract.Captured)) error {
	f.mu.Lock()
	f.watched = q
	f.mu.Unlock()
	for _, x := range f.watch {
		emit(x)
	}
	for f.feed != nil {
		select {
		case x := <-f.feed:
			emit(x)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if f.refuses != nil {
		return f.refuses
	}
	if f.wait != nil {
		f.wait(ctx)
	}
	return ctx.Err()
}

func (f *fake) LiveTest(ctx context.Context, _ string, spec livetest.Spec, controls *run.Controls, emit func(livetest.Event)) error {
	f.mu.Lock()
	f.spec, f.controls = spec, controls
	f.mu.Unlock()
	if f.panics {
		panic("the probe broke")
	}
	for _, e := range f.events {
		emit(e)
	}
	if f.wait != nil {
		f.wait(ctx)
	}
	return ctx.Err()
}

func (f *fake) NeedsConsent(context.Context, string) bool { return f.foreign }

func (f *fake) SaveSession(path string, doc model.Document) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.saved == nil {
		f.saved = map[string]model.Document{}
	}
	f.saved[path] = doc
	return nil
}

func (f *fake) LoadSession(path string) (model.Document, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d, ok := f.saved[path]; ok {
		return d, nil
	}
	if _, ok := f.configs[path]; ok {
		return model.Document{}, contract.ErrConfig
	}
	return model.Document{}, &os.PathError{Op: "open", Path: path, Err: os.ErrNotExist}
}

func (f *fake) Import(x contract.ImportFile, over model.Document) (contract.Imported, error) {
	path := x.Paths[0]
	f.asked = x
	if f.ask != nil && x.End == "" {
		return contract.Imported{}, f.ask(x)
	}
	im, ok := f.configs[path]
	im.From = x
	if !ok {
		return im, &os.PathError{Op: "open", Path: path, Err: os.ErrNotExist}
	}
	for i := range im.Alternatives {
		if im.Alternatives[i].Document.Path.Endpoints == nil {
			im.Alternatives[i].Document = over
		}
	}
	return im, nil
}

func (f *fake) Patch(_ contract.ImportFile, _, after model.Document) (contract.Patch, error) {
	p := f.patch
	p.Said = after
	return p, nil
}

func (f *fake) CommitBack(p contract.Patch) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range p.Files {
		f.written = append(f.written, x.Path)
	}
	return f.written, nil
}

func (f *fake) ReadHost(_ context.Context, namespace string) (machine.Machine, error) {
	f.netns = namespace
	return f.host, f.hostErr
}

func (f *fake) Namespaces(context.Context) ([]contract.Namespace, error) {
	return f.namespaces, f.refuses
}

func (f *fake) HostPath(_ *machine.Machine, at int, _ model.Document) (contract.Imported, error) {
	return f.hostPaths[at], nil
}

func (f *fake) Log() []machine.Access { return f.host.Log }

func (f *fake) Names(string) []string { return f.names }

func (f *fake) Autosave(seq uint64, _ model.Document) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept = max(f.kept, seq)
	return nil
}

func (f *fake) Preview(string, []native.File) ([]Planned, error) { return f.planned, nil }

func (f *fake) WriteFiles(dir string, files []native.File, _ bool) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range files {
		f.written = append(f.written, filepath.Join(dir, x.Name))
	}
	return f.written, nil
}

// desk is a screen under test: keys go in, text comes out. Commands run at once, one
// after the other, each to its end, but for those that wait (see fake.ends).
type desk struct {
	t    testing.TB
	app  app
	fake *fake
	quit bool
}

// sit begins a session on a path with settings, in a terminal of w by h.
func sit(t testing.TB, path string, w, h int, change ...func(*Config)) *desk {
	t.Helper()
	return sitWith(t, model.Embedded(), path, w, h, change...)
}

// frozen is the catalog with the goldens' systems as they were when the
// goldens were written, so that knowledge can grow without touching them.
var frozen = sync.OnceValue(func() *model.Catalog {
	return model.Embedded().With("testdata/systems", os.DirFS("testdata/systems"))
})

// sitWith is sit with a catalog.
func sitWith(t testing.TB, c *model.Catalog, path string, w, h int, change ...func(*Config)) *desk {
	t.Helper()
	p, err := model.ParsePath(path, c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := session.New(model.Document{Path: p}, tuning.NewEnv(c, 0))
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{}
	now := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	cfg := Config{
		Session: s, Formats: native.Formats(), Theme: theme.New(theme.Default, theme.ASCII()), Version: "test",
		Now: func() time.Time { return now }, Effects: f,
	}
	for _, f := range change {
		f(&cfg)
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	d := &desk{t: t, app: newApp(ctx, cancel, cfg), fake: f}
	d.app.waiting = f.ends
	d.send(tea.WindowSizeMsg{Width: w, Height: h})
	return d
}

// send gives a message to the root and then the answers of its commands.
func (d *desk) send(msg tea.Msg) {
	d.t.Helper()
	m, cmd := d.app.Update(msg)
	d.app = m.(app)
	d.do(cmd)
}

func (d *desk) do(cmd tea.Cmd) {
	d.t.Helper()
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			d.do(c)
		}
	case tea.QuitMsg:
		d.quit = true
	default:
		d.send(msg)
	}
}

// ends leaves out the commands that would not end here: no tick fires, and a test that
// waits tells nothing.
func (f *fake) ends(why wait, cmd tea.Cmd) tea.Cmd {
	if why == forClock || f.wait != nil {
		return nil
	}
	return cmd
}

var named = map[string]tea.KeyType{
	"Enter": tea.KeyEnter, "Esc": tea.KeyEsc, "Tab": tea.KeyTab, "Up": tea.KeyUp, "Down": tea.KeyDown, "Left": tea.KeyLeft,
	"Right": tea.KeyRight, "Backspace": tea.KeyBackspace, "PgDn": tea.KeyPgDown, "Ctrl+r": tea.KeyCtrlR, "Ctrl+c": tea.KeyCtrlC,
	"Ctrl+u": tea.KeyCtrlU, "End": tea.KeyEnd, "Home": tea.KeyHome, "Ctrl+l": tea.KeyCtrlL, "Ctrl+o": tea.KeyCtrlO,
	"F1": tea.KeyF1, "F2": tea.KeyF2, "F3": tea.KeyF3, "F9": tea.KeyF9, "Ctrl+b": tea.KeyCtrlB,
}

// press sends keys: a name from above, or characters as one burst.
func (d *desk) press(keys ...string) *desk {
	d.t.Helper()
	for _, k := range keys {
		if typ, ok := named[k]; ok {
			d.send(tea.KeyMsg{Type: typ})
		} else {
			d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)})
		}
	}
	return d
}

// to goes to the row of a list that begins with a text, down or else up.
func (d *desk) to(row string) *desk {
	d.t.Helper()
	for _, key := range []string{"j", "k"} {
		for range 30 {
			if strings.Contains(squeezed(d.screen()), "\n> "+row+" ") {
				return d
			}
			d.press(key)
		}
	}
	d.t.Fatalf("no row of the list is %q:\n%s", row, d.screen())
	return d
}

// screen is what is shown.
func (d *desk) screen() string { d.t.Helper(); return onlyDraws(d.t, d.app) }

// shows fails unless every text is on the screen, each on one line.
func (d *desk) shows(texts ...string) *desk {
	d.t.Helper()
	for _, want := range texts {
		if !strings.Contains(squeezed(d.screen()), squeezed(want)) {
			d.t.Fatalf("the screen lacks %q:\n%s", want, d.screen())
		}
	}
	return d
}

// lacks fails if one of the texts is on the screen.
func (d *desk) lacks(texts ...string) *desk {
	d.t.Helper()
	for _, bad := range texts {
		if strings.Contains(squeezed(d.screen()), squeezed(bad)) {
			d.t.Fatalf("the screen has %q:\n%s", bad, d.screen())
		}
	}
	return d
}

// squeezed is text with every run of blanks as one, so that alignment does not
// matter to a test of content.
func squeezed(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.Join(strings.Fields(l), " ")
	}
	return strings.Join(lines, "\n")
}

// golden compares a screen with testdata/name.golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	got += "\n"
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test ./ui -update writes it)", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got; go test ./ui -update accepts):\n%s", file, diff)
	}
}
