package sockopt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/host"
)

// A Former is a socket that is to be changed, with what it had before.
type Former struct {
	Ref
	Was census.Options
}

// A Refusal is why some of the chosen sockets are left as they are: a clause.
type Refusal struct {
	Why string
	N   int
}

// A Selection is what a filter chose of a host's sockets, for a change.
type Selection struct {
	Filter  census.Filter
	Change  census.Change
	Chosen  int // by the filter
	Sockets []Former
	Same    int // have it already
	AtOnce  int // of Sockets: have probes on and are silent for longer than the new idle time
	Refused []Refusal
}

// Why sockets are left as they are.
const (
	whyListens   = "listening: connections that come in during a trial would keep what was tried"
	whyNobody    = "held by no process any more, or not yet by one"
	whyHidden    = "of processes of other users: root may change them"
	whyMultipath = "Multipath TCP, which keeps its options elsewhere"
	whyClosed    = "closed meanwhile"
)

// Select reads the sockets that the filter takes, and what each has in force. Namespace
// is as in [host.Options]. What the change would not give back is refused.
func Select(ctx context.Context, namespace string, filter census.Filter, c census.Change) (Selection, error) {
	s := Selection{Filter: filter, Change: c}
	if err := c.Check(); err != nil {
		return s, err
	}
	type found struct {
		ref    Ref
		silent time.Duration
	}
	var held []found
	why := map[string]int{}
	_, err := host.Sockets(ctx, host.Options{Namespace: namespace, Spans: true, Owners: true}, func(row *census.Socket) {
		if !filter.Match(row) {
			return
		}
		s.Chosen++
		ref, ok := RefOf(row)
		switch {
		case row.State == census.Listen:
			why[whyListens]++
		case ok:
			held = append(held, found{ref, row.Received})
		case row.Inode == 0:
			why[whyNobody]++
		default:
			why[whyHidden]++
		}
	})
	if err != nil {
		return s, err
	}
	taker := NewTaker()
	defer taker.Close()
	for _, f := range held {
		if err := ctx.Err(); err != nil {
			return s, err
		}
		was, err := taker.Get(ctx, f.ref)
		if reason, ok := Reason(err); ok {
			why[reason]++
			continue
		}
		if err != nil {
			return s, err
		}
		if c.Needed(was) == (census.Change{}) {
			s.Same++
			continue
		}
		if err := c.Back(was).Check(); err != nil {
			why["what they have could not be given back: "+err.Error()]++
			continue
		}
		s.Sockets = append(s.Sockets, Former{f.ref, was})
		if c.ProbesAtOnce(was, f.silent) {
			s.AtOnce++
		}
	}
	for _, text := range slices.Sorted(maps.Keys(why)) {
		s.Refused = append(s.Refused, Refusal{text, why[text]})
	}
	slices.SortStableFunc(s.Refused, func(a, b Refusal) int { return cmp.Compare(b.N, a.N) })
	return s, nil
}

// Reason words an error that is a single socket's, a clause; it says false for any other.
func Reason(err error) (string, bool) {
	refused := &RefusedError{}
	switch {
	case errors.Is(err, ErrGone):
		return whyClosed, true
	case errors.Is(err, ErrMultipath):
		return whyMultipath, true
	case errors.As(err, &refused):
		return refused.Why, true
	}
	return "", false
}

// Owners name the processes whose sockets are to be changed: "nginx (processes 12, 13)".
func (s *Selection) Owners() string { return owners(s.Sockets) }

func owners(sockets []Former) string {
	var names []string
	pids := map[string][]int{}
	for _, f := range sockets {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
		if !slices.Contains(pids[f.Name], f.PID) {
			pids[f.Name] = append(pids[f.Name], f.PID)
		}
	}
	text := ""
	for i, name := range names {
		if i > 0 {
			text += ", "
		}
		if i == 3 && len(names) > 4 {
			return text + fmt.Sprintf("%d more", len(names)-i)
		}
		p := pids[name]
		text += model.Clean(name, 40)
		switch {
		case len(p) == 1:
			text += fmt.Sprintf(" (process %d)", p[0])
		default:
			text += fmt.Sprintf(" (%d processes)", len(p))
		}
	}
	return text
}

// Was says what the sockets have, and how many of them: "off: 188; 7200/75/9: 12".
func (s *Selection) Was() string { return formerly(s.Sockets) }

func formerly(sockets []Former) string {
	n := map[string]int{}
	for i := range sockets {
		n[sockets[i].Was.String()]++
	}
	if len(n) == 1 {
		return sockets[0].Was.String()
	}
	texts := slices.SortedFunc(maps.Keys(n), func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	text := ""
	for i, t := range texts {
		if i > 0 {
			text += "; "
		}
		if i == 3 && len(texts) > 4 {
			return text + fmt.Sprintf("%d other settings", len(texts)-i)
		}
		text += fmt.Sprintf("%s: %d", t, n[t])
	}
	return text
}

// inWords is formerly with the options in words where all have the same.
func inWords(sockets []Former) string {
	for i := range sockets {
		if sockets[i].Was != sockets[0].Was {
			return formerly(sockets)
		}
	}
	return sockets[0].Was.Words()
}
