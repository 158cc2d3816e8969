package sockopt

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/detect"
	"example.com/keeptune/tuning/lab"
	"example.com/keeptune/tuning/trial"
)

var (
	_ trial.Restorer = (*Target)(nil)
	_ trial.Shower   = (*Target)(nil)
)

// Kind is the kind of a [Target] in a trial's journal.
const Kind = "sockets"

// The values of a [Target]: its sockets as they were found, and as they are to be.
const (
	before = "as before"
	after  = "changed"
)

// A Target are live sockets that are changed together, as a target of a trial. What the
// sockets had before is part of its spec, so that another process can put it back.
type Target struct {
	change  census.Change
	filter  string
	sockets []Former
	made    bool
}

// newTarget makes one of a selection that has sockets.
func newTarget(s *Selection) *Target {
	return &Target{change: s.Change, filter: s.Filter.String(), sockets: s.Sockets}
}

// Plan is the trial of a selection: one change, of all its sockets, where it has any.
func (s *Selection) Plan() trial.Plan {
	p := trial.Plan{For: "the sockets " + s.Filter.String()}
	for _, r := range s.Refused {
		p.Refused = append(p.Refused, trial.Refused{Name: plural(r.N, "socket", "sockets"), Why: r.Why})
	}
	if len(s.Sockets) == 0 {
		return p
	}
	t := newTarget(s)
	p.Changes = []trial.Change{{Target: t, From: before, To: after}}
	if s.Same > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%s it already.", plural(s.Same, "more socket has", "more sockets have")))
	}
	if text := s.notices(); text != "" {
		p.Notes = append(p.Notes, text)
	}
	p.Notes = append(p.Notes, "Connections that are opened from now on have what their program sets.")
	if s.AtOnce > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%s silent for longer than the new idle time: a probe goes out at once on each.", plural(s.AtOnce, "of them has been", "of them have been")))
	}
	return p
}

// notices says when a peer that is gone is noticed after the change, where that is one
// answer for all.
func (s *Selection) notices() string {
	now := s.Change.Applied(s.Sockets[0].Was)
	for _, f := range s.Sockets {
		if s.Change.Applied(f.Was) != now {
			return ""
		}
	}
	if !now.KeepAlive {
		return ""
	}
	k := detect.Linux()
	if hz, ok := lab.HostHZ(); ok {
		k.HZ = hz
	}
	k.KeepAlive, k.Idle, k.Every, k.Count, k.UserTimeout = true, now.Idle, now.Every, int64(now.Count), now.UserTimeout
	d := detect.Idle(k)
	return fmt.Sprintf("A peer that is gone is noticed after %s of silence.", model.HumanRange(d.Low.Round(time.Second/10), d.High.Round(time.Second/10)))
}

// A spec is a target in a journal: its sockets by what they had.
type spec struct {
	Change  census.Change  `json:"change"`
	Filter  string         `json:"filter"`
	Formers []specFormer   `json:"formers"`
	Names   map[int]string `json:"processes"`
}

type specFormer struct {
	Was     census.Options `json:"was"`
	Sockets []specSocket   `json:"sockets"`
}

// A specSocket is a [Ref] in few letters: there may be a hundred thousand.
type specSocket struct {
	PID    int    `json:"p"`
	FD     int    `json:"f"`
	Inode  uint64 `json:"i"`
	Cookie uint64 `json:"c"`
}

// Kind is [Kind].
func (t *Target) Kind() string { return Kind }

// Spec is all that another process needs to put back what the sockets had.
func (t *Target) Spec() any {
	s := spec{Change: t.change, Filter: t.filter, Names: map[int]string{}}
	at := map[census.Options]int{}
	for _, f := range t.sockets {
		i, ok := at[f.Was]
		if !ok {
			i = len(s.Formers)
			at[f.Was] = i
			s.Formers = append(s.Formers, specFormer{Was: f.Was})
		}
		s.Formers[i].Sockets = append(s.Formers[i].Sockets, specSocket{f.PID, f.FD, f.Inode, f.Cookie})
		s.Names[f.PID] = f.Name
	}
	return s
}

// Kinds are the kinds of this package, for a trial's engine.
func Kinds() trial.Kinds { return trial.Kinds{Kind: remade} }

// remade makes a target again from the JSON of its spec.
func remade(data json.RawMessage) (trial.Target, error) {
	var s spec
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("the sockets of the trial: %w", err)
	}
	t := &Target{change: s.Change, filter: s.Filter, made: true}
	for _, f := range s.Formers {
		for _, n := range f.Sockets {
			t.sockets = append(t.sockets, Former{Ref{PID: n.PID, FD: n.FD, Inode: n.Inode, Cookie: n.Cookie, Name: s.Names[n.PID]}, f.Was})
		}
	}
	slices.SortFunc(t.sockets, func(a, b Former) int { return cmp.Compare(a.Cookie, b.Cookie) })
	return t, nil
}

// About names the sockets: "200 sockets of python3 (process 4711)".
func (t *Target) About() trial.About {
	return trial.About{
		Name:   plural(len(t.sockets), "socket", "sockets") + " of " + owners(t.sockets),
		Effect: t.effect(), Volatile: true,
	}
}

// effect says when the change takes effect, and what it does to the connections.
func (t *Target) effect() string {
	switch {
	case t.change.KeepAlive != nil && !*t.change.KeepAlive:
		return "on each socket at once; data goes on as before, silence is not probed any more"
	case t.change.KeepAlive != nil:
		return "on each socket at once; data goes on as before, and a connection whose peer answers no probe is ended"
	}
	return "on each socket at once; data goes on as before"
}

// Command is nothing: no other program sets what sockets of others have.
func (t *Target) Command(string) string { return "" }

// Show is a value in a person's words.
func (t *Target) Show(value string) string {
	switch value {
	case before:
		return inWords(t.sockets)
	case after:
		var now []Former
		for _, f := range t.sockets {
			now = append(now, Former{Was: t.change.Applied(f.Was)})
		}
		return inWords(now)
	}
	return value
}

// Read says whether the sockets that are still open are as before or changed.
func (t *Target) Read(ctx context.Context) (string, error) {
	taker := NewTaker()
	defer taker.Close()
	var as, open int
	for _, f := range t.sockets {
		now, err := taker.Get(ctx, f.Ref)
		if errors.Is(err, ErrGone) {
			continue
		}
		if err != nil {
			return "", err
		}
		open++
		if now == f.Was {
			as++
		}
	}
	switch {
	case !t.made && (as > 0 || open == 0):
		return before, nil
	case t.made && as > 0:
		return fmt.Sprintf("as before on %d of %s", as, plural(open, "socket", "sockets")), nil
	}
	return after, nil
}

// Set changes the sockets. One that is not as it was found any more is its program's own
// and stays; one that is closed is gone. Where the kernel refuses a socket it is an
// error, and others may be changed already.
func (t *Target) Set(ctx context.Context, value string) error {
	if value != after {
		return fmt.Errorf("sockets cannot be set to %q", model.Clean(value, 40))
	}
	taker := NewTaker()
	defer taker.Close()
	t.made = true
	for _, f := range t.sockets {
		if err := ctx.Err(); err != nil {
			return err
		}
		now, err := taker.Get(ctx, f.Ref)
		if err == nil && now == f.Was {
			_, now, err = taker.Set(ctx, f.Ref, t.change.Needed(f.Was))
			if err == nil && now != t.change.Applied(f.Was) {
				err = fmt.Errorf("a socket was set to %s and reads %s", t.change.Applied(f.Was), now)
			}
		}
		if err != nil && !errors.Is(err, ErrGone) {
			return err
		}
	}
	return nil
}

// Restore gives each socket what it had, and says how many were set by somebody else, or
// closed meanwhile.
func (t *Target) Restore(ctx context.Context, _, _ string) (is trial.Restored, err error) {
	taker := NewTaker()
	defer taker.Close()
	var closed, strange int
	var failures []error
	for _, f := range t.sockets {
		others, err := taker.Restore(ctx, f.Ref, t.change.Needed(f.Was), f.Was)
		switch {
		case errors.Is(err, ErrGone):
			closed++
		case err != nil && len(failures) < 3:
			failures = append(failures, err)
		case others:
			strange++
		}
	}
	if closed > 0 {
		is.Notes = append(is.Notes, fmt.Sprintf("%d of its %s %s closed meanwhile", closed, plural(len(t.sockets), "socket", "sockets"), either(closed, "was", "were")))
	}
	if strange > 0 {
		is.Left = append(is.Left, fmt.Sprintf("somebody else set %s meanwhile, which %s so", plural(strange, "socket", "sockets"), either(strange, "stays", "stay")))
	}
	return is, errors.Join(failures...)
}

func plural(n int, one, many string) string { return fmt.Sprintf("%d %s", n, either(n, one, many)) }

func either(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
