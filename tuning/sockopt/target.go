package sockopt

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
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
	p.Notes = append(p.Notes, "Connections that are opened from now on have what their program sets.")
	if s.AtOnce > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%s silent for longer than the new idle time: a probe goes out at once on each.", plural(s.AtOnce, "of them has been", "of them have been")))
	}
	return p
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
	Sockets [][4]uint64    `json:"sockets"` // process, descriptor, inode, cookie
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
		s.Formers[i].Sockets = append(s.Formers[i].Sockets, [4]uint64{uint64(f.PID), uint64(f.FD), f.Inode, f.Cookie})
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
			pid := int(n[0])
			t.sockets = append(t.sockets, Former{Ref{PID: pid, FD: int(n[1]), Inode: n[2], Cookie: n[3], Name: s.Names[pid]}, f.Was})
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

// effect says what the change does to the connections, a sentence.
func (t *Target) effect() string {
	switch {
	case t.change.KeepAlive != nil && !*t.change.KeepAlive:
		return "Data goes on as before; silent connections are not probed any more."
	case t.change.KeepAlive != nil:
		return "Data goes on as before; a connection whose peer answers no probe is ended."
	}
	return "Data goes on as before; the times count from now on."
}

// Command is what gives the sockets the value again, nothing for what they had.
func (t *Target) Command(value string) string {
	if value != after {
		return ""
	}
	return fmt.Sprintf("keeptune sockets --filter '%s' %s --write", t.filter, t.change)
}

// Show is a value in a person's words.
func (t *Target) Show(value string) string {
	switch value {
	case before:
		return formerly(t.sockets)
	case after:
		var now []Former
		for _, f := range t.sockets {
			now = append(now, Former{Was: t.change.Applied(f.Was)})
		}
		return formerly(now)
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

// Restore gives each socket what it had, and says how many were closed meanwhile or set
// by somebody else.
func (t *Target) Restore(ctx context.Context, _, _ string) (said []string, err error) {
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
		said = append(said, fmt.Sprintf("%d of its %s closed meanwhile", closed, plural(len(t.sockets), "socket was", "sockets were")))
	}
	if strange > 0 {
		said = append(said, fmt.Sprintf("somebody else set %s meanwhile, which %s so", plural(strange, "socket", "sockets"), either(strange, "stays", "stay")))
	}
	return said, errors.Join(failures...)
}

func plural(n int, one, many string) string { return fmt.Sprintf("%d %s", n, either(n, one, many)) }

func either(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
