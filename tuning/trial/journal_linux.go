package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// What a line of a journal tells.
const (
	began     = "began"     // with all that is needed to undo it
	setting   = "setting"   // a change is about to be made
	set       = "set"       // it is made; value is what was read back
	trying    = "trying"    // all are made; the window begins
	released  = "released"  // the program that made it may end
	keeping   = "keeping"   // the files are about to be written
	kept      = "kept"      // the end
	notKept   = "not kept"  // the files could not be written and are as they were
	reverting = "reverting" // no change may be made any more
	undone    = "undone"    // a change is undone; why says what was left of it
	left      = "left"      // it is somebody else's value now, and stays; why says so
	failed    = "failed"    // it could not be undone; why says why
	reverted  = "reverted"  // the end
)

// A record is a line of a journal.
type record struct {
	At    time.Time `json:"at"`
	What  string    `json:"what"`
	Step  int       `json:"step"`
	Value string    `json:"value,omitempty"`
	Why   string    `json:"why,omitempty"`
	Note  string    `json:"note,omitempty"`
	Begin *begin    `json:"begin,omitempty"`
}

type begin struct {
	For     string        `json:"for"`
	Version string        `json:"version"`
	Boot    string        `json:"boot"` // the kernel's boot_id
	PID     int           `json:"pid"`
	Window  time.Duration `json:"window_ns"`
	Changes []beginChange `json:"changes"`
	Files   []beginFile   `json:"files,omitempty"`
}

type beginChange struct {
	Kind     string          `json:"kind"`
	Spec     json.RawMessage `json:"spec"`
	Name     string          `json:"name"`
	Effect   string          `json:"effect"`
	Volatile bool            `json:"volatile"`
	From     string          `json:"from"`
	To       string          `json:"to"`
	FromText string          `json:"from_text,omitempty"`
	ToText   string          `json:"to_text,omitempty"`
	Command  string          `json:"command,omitempty"`
	Undo     string          `json:"undo,omitempty"`
}

type beginFile struct {
	Path    string `json:"path"`
	Absent  bool   `json:"absent"`
	Was     []byte `json:"was,omitempty"`
	Content []byte `json:"content"`
}

// room is what is set aside on the disk for what a journal will hold beside its
// beginning, so that a full disk stops a trial before its first change and not in it.
const room = 64 << 10

// journalLimit is the most bytes of a journal that are read.
const journalLimit = 64 << 20

// A journal is the file of a trial. It is locked while somebody changes anything.
type journal struct {
	path string
	file *os.File
}

const extension = ".jsonl"

// create makes a journal whose beginning is on the disk when it returns.
func create(path string, first record) (*journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, journalError(path, err)
	}
	j := &journal{path, f}
	line, err := json.Marshal(first)
	if err == nil {
		err = unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, int64(len(line))+room+256*int64(len(first.Begin.Changes)))
		if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
			err = nil
		}
	}
	if err == nil {
		err = j.append(first)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		_ = f.Close()
		_ = os.Remove(path)
		return nil, journalError(path, err)
	}
	return j, nil
}

func journalError(path string, err error) error {
	why := err
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		why = pe.Err
	}
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return fmt.Errorf("no space for the journal %s, so nothing was changed; make room on that disk", path)
	}
	return fmt.Errorf("the journal %s: %w", path, why)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func openJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, journalError(path, err)
	}
	return &journal{path, f}, nil
}

// append adds a line and waits until it is on the disk.
func (j *journal) append(r record) error {
	if r.At.IsZero() {
		r.At = time.Now()
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	atStep("before " + r.What)
	st, err := j.file.Stat()
	if err != nil {
		return err
	}
	if _, err = j.file.Write(append(line, '\n')); err == nil {
		err = j.file.Sync()
	}
	if err != nil { // no half a line
		return errors.Join(err, j.file.Truncate(st.Size()))
	}
	atStep(r.What)
	return nil
}

// atStep is called around each line of a journal, and around each change; tests end the
// process there.
var atStep = func(string) {}

// locked runs f while no other process changes anything of this trial. It waits for that
// until ctx ends.
func (j *journal) locked(ctx context.Context, f func(*State) error) error {
	if err := lock(ctx, j.file); err != nil {
		return err
	}
	defer func() { _ = unix.Flock(int(j.file.Fd()), unix.LOCK_UN) }()
	if err := j.repair(); err != nil {
		return err
	}
	s, err := j.state()
	if err != nil {
		return err
	}
	return f(s)
}

// repair takes away the half of a line at the end, which its writer did not live to finish.
func (j *journal) repair() error {
	data, err := io.ReadAll(io.NewSectionReader(j.file, 0, journalLimit))
	if err != nil {
		return journalError(j.path, err)
	}
	if whole := bytes.LastIndexByte(data, '\n') + 1; whole < len(data) {
		return j.file.Truncate(int64(whole))
	}
	return nil
}

// lock waits for a lock until ctx ends. It asks again and again: a call that waits cannot be
// ended, and would take the lock, and give it back, while somebody works under it.
func lock(ctx context.Context, file *os.File) error {
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return err
		}
		select {
		case <-ctx.Done():
			return errStands
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// errStands is where a lock was not to be had in time.
var errStands = errors.New("another keeptune stands still at a change of this trial")

// state reads the journal from its beginning.
func (j *journal) state() (*State, error) {
	data, err := io.ReadAll(io.NewSectionReader(j.file, 0, journalLimit))
	if err != nil {
		return nil, journalError(j.path, err)
	}
	return fold(j.path, data)
}

// fold makes a State of a journal's lines. A last line without an end was being written
// when the host or the program ended: it tells nothing.
func fold(path string, data []byte) (*State, error) {
	s := &State{ID: strings.TrimSuffix(filepath.Base(path), extension), path: path}
	for n := 1; ; n++ {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		if !whole {
			if n == 1 { // nothing is changed before the first line is on the disk
				s.Phase, s.Why = Reverted, "it never began"
			}
			return s, nil
		}
		data = rest
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("%s:%d is no line of a journal: %w", path, n, err)
		}
		if (n == 1) != (r.What == began) || r.What == began && r.Begin == nil {
			return nil, fmt.Errorf("%s:%d: a journal begins with %q and its changes", path, n, began)
		}
		if r.Step < 0 || r.What != began && r.Step >= max(1, len(s.Items)) {
			return nil, fmt.Errorf("%s:%d: there is no change %d", path, n, r.Step)
		}
		s.add(&r)
	}
}

func (s *State) add(r *record) {
	it := &Item{}
	if r.Step < len(s.Items) {
		it = &s.Items[r.Step]
	}
	switch r.What {
	case began:
		s.begin(r)
	case setting:
		it.Made = true
	case set:
		it.read = r.Value
	case trying:
		s.Phase, s.Deadline = Trying, r.At.Add(s.Window)
	case released:
		s.released = true
	case keeping:
		s.keeping = true
	case notKept:
		s.keeping = false
	case kept:
		s.Phase, s.Ended = Kept, r.At
	case reverting:
		if s.Why == "" {
			s.Why = r.Why
		}
	case undone:
		it.Undone, it.Left, it.Note = true, r.Why, r.Note
	case left:
		it.Undone, it.Left = true, r.Why
	case failed:
		it.Left = r.Why
	case reverted:
		s.Phase, s.Ended = Reverted, r.At
	}
}

func (s *State) begin(r *record) {
	s.For, s.Began, s.Window, s.pid = r.Begin.For, r.At, r.Begin.Window, r.Begin.PID
	s.Restart = r.Begin.Boot != boot()
	for _, c := range r.Begin.Changes {
		it := Item{
			Name: c.Name, Effect: c.Effect, From: c.FromText, To: c.ToText, Command: c.Command, Undo: c.Undo,
			from: c.From, to: c.To, read: c.To, kind: c.Kind, spec: c.Spec, volatile: c.Volatile,
		}
		if it.From == "" && it.To == "" {
			it.From, it.To = c.From, c.To
		}
		s.Items = append(s.Items, it)
	}
	for _, f := range r.Begin.Files {
		file := File{Path: f.Path, Content: f.Content, Was: f.Was}
		if !f.Absent && file.Was == nil {
			file.Was = []byte{}
		}
		s.Files = append(s.Files, file)
	}
}

// boot names the host's present start.
func boot() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

// firstRecord is the beginning of a plan's journal.
func (e *Engine) firstRecord(p *Plan, window time.Duration) (record, error) {
	b := begin{For: p.For, Version: e.Version, Boot: boot(), PID: os.Getpid(), Window: window}
	for i := range p.Changes {
		c := &p.Changes[i]
		spec, err := json.Marshal(c.Target.Spec())
		if err != nil {
			return record{}, err
		}
		about := c.Target.About()
		if e.Kinds[c.Target.Kind()] == nil {
			return record{}, fmt.Errorf("%s: nothing here can undo a change of the kind %q", about.Name, c.Target.Kind())
		}
		b.Changes = append(b.Changes, beginChange{
			Kind: c.Target.Kind(), Spec: spec, Name: about.Name, Effect: about.Effect, Volatile: about.Volatile, From: c.From, To: c.To,
			FromText: c.Shown(c.From), ToText: c.Shown(c.To), Command: c.Target.Command(c.To), Undo: c.Target.Command(c.From),
		})
	}
	for _, f := range p.Keep {
		b.Files = append(b.Files, beginFile{Path: f.Path, Absent: f.Was == nil, Was: f.Was, Content: f.Content})
	}
	return record{What: began, Begin: &b}, nil
}
