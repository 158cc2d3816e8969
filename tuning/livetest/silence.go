package livetest

import (
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// A silence measures how long connections are kept open that keep silent after something.
type silence struct {
	*traits
	title   string // of the report
	samples int
	roles   []model.Role
}

func (q silence) opens(Spec) int { return q.samples }

func (q silence) answered(r Result) bool {
	i := r.Silence(q.name)
	return i != nil && i.Samples > 0
}

func (q silence) lines(r Result) []Line {
	i := r.Silence(q.name)
	if i == nil {
		return nil
	}
	return i.report(q.title, r.Spec.IdleLimit)
}

func (q silence) rows(r Result) []Row {
	return []Row{{Name: q.silence, Roles: q.roles, Silence: r.Silence(q.name)}}
}

func (q silence) remarks(r Result) []Line {
	i := r.Silence(q.name)
	if i == nil || i.Ticks == nil {
		return nil
	}
	return []Line{{"TICKS " + strings.ToUpper(q.silence), i.TicksText()}}
}

// report says how long silence was kept, and what it means that connections ended together.
func (i Idle) report(title string, limit time.Duration) []Line {
	lines := []Line{{title, i.Text(limit)}}
	if i.Ticks != nil {
		lines = append(lines, Line{"", i.TicksText()})
	}
	return lines
}

// condense makes one line of all samples of a role.
func condense(samples []Sample, role Role) Idle {
	var out Idle
	var closed []time.Duration
	var ended []Sample
	kinds := map[CloseKind]int{}
	for _, p := range samples {
		switch {
		case p.Role != role:
		case p.State == SampleDiscarded:
			out.Discarded++
		case p.State == SampleOpen:
			out.Open++
			out.Samples++
		case p.State == SampleClosed:
			out.Samples++
			closed, ended = append(closed, p.After), append(ended, p)
			out.BytesBefore = max(out.BytesBefore, p.Bytes)
			if kinds[p.Close]++; out.Close == "" || kinds[p.Close] > kinds[out.Close] {
				out.Close = p.Close
			}
		}
	}
	if out.Close == "" && out.Open > 0 {
		out.Close = CloseNone
	}
	if len(closed) == 0 {
		return out
	}
	slices.Sort(closed)
	out.Ticks = ticks(ended)
	low := closed[0]
	out.Low = &low
	if high := closed[len(closed)-1]; out.Open == 0 {
		out.High = &high
	}
	// The median counts open samples as later than all others.
	if upper := out.Samples / 2; upper < len(closed) {
		mid := (closed[(out.Samples-1)/2] + closed[upper]) / 2
		out.After = &mid
	}
	return out
}
