// Package trial changes what this host has in force as a trial that undoes itself.
//
// A trial is a [Plan] of changes. Before the first of them a journal is on the disk and a
// process of its own session, the guard, waits to undo them. Then the changes are made one
// by one, each read back; [Trial.Keep] keeps them and ends the guard. Whatever else
// happens, the guard undoes them: the time runs out, the program that made them ends in
// any way, a signal. Where the guard itself is gone, with the host or by a kill, the
// journal tells what is left to undo ([Engine.Open], [Engine.Revert]).
//
// A value that is neither what it was nor what the trial set is somebody else's: it is
// left alone, and said.
package trial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.com/keeptune/model"
)

// A Target is one thing that can be changed, read and changed back. Values are text and
// compared as text, so Read gives one form to each value.
type Target interface {
	// Kind names the maker in [Kinds] that makes the target again from Spec, in another
	// process.
	Kind() string
	Spec() any // is marshalled to JSON
	About() About
	// Command is what a person would type to set the value; empty where there is none.
	Command(value string) string
	Read(ctx context.Context) (string, error)
	Set(ctx context.Context, value string) error
}

// About is what is told of a target.
type About struct {
	Name     string // net.ipv4.tcp_keepalive_time
	Effect   string // what a change does to live connections, a sentence
	Volatile bool   // the host forgets it when it starts anew
}

// A Restorer is a Target of many parts, which undoes its change itself: from what it found
// before to what the trial set.
type Restorer interface {
	Restore(ctx context.Context, from, to string) (Restored, error)
}

// A Restored is what a [Restorer] tells beside that its change is undone, a clause each.
type Restored struct {
	Left  []string // what it left to somebody else
	Notes []string // what leaves nothing to do
}

// A Shower is a Target whose values are not what a person reads.
type Shower interface {
	Show(value string) string
}

// A Checker is a Target that can tell, before anything is changed, why it cannot be set.
type Checker interface {
	Check(ctx context.Context) error
}

// A Noter is a Target of whose change something is to be said before it is made, in
// sentences.
type Noter interface {
	Notes(ctx context.Context) []string
}

// Kinds make targets from their specs, by their kind.
type Kinds map[string]func(spec json.RawMessage) (Target, error)

// A Change is one value to set.
type Change struct {
	Target   Target
	From, To string
}

// Shown is a value of the change as a person reads it.
func (c *Change) Shown(value string) string {
	if s, ok := c.Target.(Shower); ok {
		return s.Show(value)
	}
	return value
}

// Refused is what was asked for and cannot be tried.
type Refused struct {
	Name, Why string // Why is a clause without a full stop
}

// A File is what keeps a trial's values over a start of the host. It is written when the
// trial is kept.
type File struct {
	Path    string
	Was     []byte // nil where there is no such file
	Content []byte
}

// A Plan is what a trial will do.
type Plan struct {
	For     string // what it is made from, such as the session's name
	Changes []Change
	Same    []Change // have the value already
	Refused []Refused
	Keep    []File
	Notes   []string // sentences, such as what is not kept over a start of the host
}

// A Wish is a value that a target is to have.
type Wish struct {
	Target Target
	To     string
}

// Compare reads what is in force and plans what differs.
func Compare(ctx context.Context, wishes []Wish) Plan {
	var p Plan
	for _, w := range wishes {
		from, err := w.Target.Read(ctx)
		if c, ok := w.Target.(Checker); ok && err == nil && from != w.To {
			err = c.Check(ctx)
		}
		c := Change{Target: w.Target, From: from, To: w.To}
		switch {
		case err != nil:
			p.Refused = append(p.Refused, Refused{w.Target.About().Name, err.Error()})
		case from == w.To:
			p.Same = append(p.Same, c)
		default:
			p.Changes = append(p.Changes, c)
			if n, ok := w.Target.(Noter); ok {
				p.Notes = append(p.Notes, n.Notes(ctx)...)
			}
		}
	}
	return p
}

// The bounds of a trial's time.
const (
	ShortestWindow = time.Second
	LongestWindow  = 24 * time.Hour
)

// ErrBusy is the cause of the error of a Start while another trial runs.
var ErrBusy = errors.New("another trial runs")

// ErrLeft is the cause of the error of a Start where an earlier trial was left open.
var ErrLeft = errors.New("a trial was left open")

// ErrGone is the cause of an error of a Target that is no more, such as one in a network
// namespace that has ended: there is nothing to undo.
var ErrGone = errors.New("it is gone")

// ErrNone is where there is no open trial to keep or to revert.
var ErrNone = errors.New("no trial of this user is open on this host")

// An Engine makes trials. Its directory is the same for all that must not try at once.
type Engine struct {
	Dir     string // of the journals; made where it is missing
	Kinds   Kinds
	Version string // of keeptune, for the journal
}

// An Options says how a trial runs.
type Options struct {
	Window time.Duration // after the last change, in which it is kept or undone
	// Stay keeps the trial open when the program that made it ends well, until the window
	// does: for a keeptune apply that is confirmed by another command.
	Stay bool
	Step func(Step) // is called as changes are made; may be nil
}

// A Step is a change that has just been made.
type Step struct {
	Index, Of int // from 0
	Change    Change
}

// A Phase is where a trial stands.
type Phase int

// The phases. All but the first two have ended.
const (
	Changing Phase = iota // the changes are being made
	Trying                // all are made, and wait to be kept
	Kept
	Reverted // all changes that were made are undone, but what is said to be left
)

// An Item is one change of a trial that was journaled.
type Item struct {
	Name, Effect string
	From, To     string // as people read them
	Command      string
	Undo         string // the command that brings it back
	Made         bool   // it was begun, at least
	Undone       bool
	Left         string // why it was not brought back, a clause; empty otherwise
	Note         string // what was found when it was brought back, a clause that leaves nothing to do

	from, to, read string // read is what the target had after the change
	kind           string
	spec           json.RawMessage
	volatile       bool
}

// A State is what a journal tells of a trial.
type State struct {
	ID       string // its start and process: 20261129T101500-4711
	For      string
	Phase    Phase
	Began    time.Time
	Deadline time.Time // Zero until all changes are made
	Ended    time.Time // Zero while it is open
	Window   time.Duration
	Why      string // of a reverted one: what made it so, a clause
	Items    []Item
	Files    []File
	Guarded  bool // a process waits to undo it
	Restart  bool // the host has started anew since it began

	path     string
	pid      int  // of the program that made it
	keeping  bool // the files may have been written
	released bool
}

// Open says whether the trial is neither kept nor undone.
func (s *State) Open() bool { return s.Phase < Kept }

// touched says whether anything may have been changed.
func (s *State) touched() bool {
	made := func(it Item) bool { return it.Made }
	return s.keeping || slices.ContainsFunc(s.Items, made)
}

// Left lists the changes that were not brought back, as sentences.
func (s *State) Left() []string {
	var out []string
	for i := range s.Items {
		if it := &s.Items[i]; it.Left != "" {
			out = append(out, fmt.Sprintf("%s: %s", it.Name, it.Left))
		}
	}
	return out
}

// Notes lists what was found when the changes were brought back, as sentences.
func (s *State) Notes() []string {
	var out []string
	for i := range s.Items {
		if it := &s.Items[i]; it.Note != "" {
			out = append(out, fmt.Sprintf("%s: %s", it.Name, it.Note))
		}
	}
	return out
}

// clean makes a foreign text fit for one line.
func clean(err error) string { return model.Clean(err.Error(), 300) }
