package livetest

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// MeasureIdle measures the idle timeout after a response.
const (
	MeasureIdle Measurement = "idle"
	RoleIdle                = Role(MeasureIdle)
)

type idleQuestion struct{ *traits }

var idle = idleQuestion{&traits{name: MeasureIdle, stage: silent, usual: true, silence: "after a request"}}

func (q idleQuestion) opens(s Spec) int { return s.Connections }

func (q idleQuestion) answered(r Result) bool { return r.Idle.Samples > 0 }

func (q idleQuestion) lines(r Result) []Line {
	lines := r.Idle.report("IDLE", r.Spec.IdleLimit)
	if r.Spec.Target.GivesUp() && r.Idle.Low != nil {
		lines = append(lines, Line{"", "the test sends no signs of life: so it is with a client that is gone"})
	}
	if r.Second != nil {
		lines = append(lines, Line{"", r.Second.Text()})
	}
	return lines
}

func (q idleQuestion) rows(r Result) []Row {
	row := Row{Name: "idle timeout", Silence: &r.Idle}
	if h := r.HTTP.Asked; h != nil {
		row.Promised = h.Timeout
	}
	return []Row{row}
}

func (q idleQuestion) remarks(r Result) []Line {
	if r.Idle.Ticks == nil {
		return nil
	}
	return []Line{{"TICKS", r.Idle.TicksText()}}
}

// Text says how long silence was kept and how it ended; limit is how long it
// was watched.
func (i Idle) Text(limit time.Duration) string {
	if i.Samples == 0 {
		return "not measured"
	}
	text := fmt.Sprintf("not closed within %s", model.HumanSpan(limit))
	if i.Low != nil && i.High != nil {
		text = fmt.Sprintf("%s, %s", model.HumanRange(i.Low.Round(time.Millisecond), i.High.Round(time.Millisecond)), i.Close.Ended())
	} else if i.Low != nil {
		text = fmt.Sprintf("%s at the earliest, %d still open after %s", model.HumanSpan(i.Low.Round(time.Millisecond)), i.Open, model.HumanSpan(limit))
	}
	text += fmt.Sprintf(" (%d sample", i.Samples)
	if i.Samples != 1 {
		text += "s"
	}
	if i.Discarded > 0 {
		text += fmt.Sprintf(", %d discarded", i.Discarded)
	}
	return text + ")"
}

// TicksText says what it means that connections ended together, "" where they did not.
func (i Idle) TicksText() string {
	t := i.Ticks
	if t == nil {
		return ""
	}
	from, to, ok := i.Band()
	if !ok {
		text := fmt.Sprintf("all ended at one moment, although they began %s apart: it looks at its clock in steps longer than that", model.HumanSpan(t.Spread.Round(time.Millisecond)))
		if t.Moments > 1 {
			text = fmt.Sprintf("those that began up to %s apart ended at %d moments: it looks at its clock in steps that these do not tell", model.HumanSpan(t.Spread.Round(time.Millisecond)), t.Moments)
		}
		if i.Low != nil {
			text += fmt.Sprintf(", and an end may come up to a whole step earlier or later than %s", model.HumanSpan(i.Low.Round(time.Millisecond)))
		}
		return text
	}
	text := "it looks at its clock every " + model.HumanSpan(t.Step.Round(10*time.Millisecond))
	if !t.Found {
		text += " at most, or a whole part of that"
	}
	return text + ": an end may come after " + model.HumanRange(from.Round(time.Millisecond), to.Round(time.Millisecond))
}

// Text says what a second round was to take.
func (s SecondRound) Text() string {
	return fmt.Sprintf("a second round, spread over up to %s, looked for the server's step; it was to take %s at most",
		model.HumanSpan(s.Spread), model.HumanSpan(s.AtMost.Round(100*time.Millisecond)))
}
