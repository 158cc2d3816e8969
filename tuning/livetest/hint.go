package livetest

import (
	"fmt"
	"strings"
	"time"
)

// MeasureHint looks at the Keep-Alive header, asked and unasked.
const (
	MeasureHint Measurement = "hint"
	RoleHint                = Role(MeasureHint)
)

// A Hint is a Keep-Alive header as clients read it; nil means "not said".
type Hint struct {
	Timeout *time.Duration // whole seconds, bounded to 100 years
	Max     *int
}

type hintQuestion struct{ *traits }

var hint = hintQuestion{&traits{name: MeasureHint, stage: short, usual: true}}

func (q hintQuestion) answered(r Result) bool { return r.HTTP.UnaskedSeen }

func (q hintQuestion) lines(r Result) []Line {
	if r.HTTP.Status == 0 {
		return nil
	}
	calls := ""
	if r.HTTP.Server != "" {
		calls = ", it calls itself " + r.HTTP.Server
	}
	return []Line{
		{"REPLY", fmt.Sprintf("%s, status %d%s", r.HTTP.Version, r.HTTP.Status, calls)},
		{"HINT", "asked for: " + reported(r.HTTP.Asked, r.HTTP.AskedSeen) + "; not asked for: " + reported(r.HTTP.Unasked, r.HTTP.UnaskedSeen)},
	}
}

func (q hintQuestion) rows(r Result) []Row {
	return []Row{
		{Name: "hint when asked", Measured: shown(r.HTTP.Asked, r.HTTP.AskedSeen)},
		{Name: "hint when not asked", Measured: shown(r.HTTP.Unasked, r.HTTP.UnaskedSeen)},
	}
}

// reported is a Keep-Alive header in the words of the report.
func reported(h *Hint, seen bool) string {
	switch {
	case !seen:
		return "not tried"
	case h == nil:
		return "none"
	}
	if text := h.words(); text != "" {
		return text
	}
	return "empty"
}

// shown is the same in those of the table.
func shown(h *Hint, seen bool) string {
	switch {
	case !seen:
		return ""
	case h == nil:
		return "no Keep-Alive header"
	}
	if text := h.words(); text != "" {
		return text
	}
	return "an empty one"
}

// words are the parameters of a header.
func (h Hint) words() string {
	var words []string
	if h.Timeout != nil {
		words = append(words, fmt.Sprintf("timeout=%d", int64(*h.Timeout/time.Second)))
	}
	if h.Max != nil {
		words = append(words, fmt.Sprintf("max=%d", *h.Max))
	}
	return strings.Join(words, ", ")
}
