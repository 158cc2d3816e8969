package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/cli/wire"
)

// An expectation is one condition of --expect: idle>=60s.
type expectation struct {
	name, op, value string
	span            time.Duration // of a time; model.Never where none ends it
	count           int           // of a number; noLimit where there is none
}

// noLimit is a count that is never reached.
const noLimit = int(^uint(0) >> 1)

// A measure is what an expectation can be about, by what it is held against.
type measure struct {
	takes string
	parse func(*expectation) error
	met   func(expectation, livetest.Result) (met bool, measured string) // "" where it was not measured
}

// expectable is what --expect knows, in the order in which it is listed.
var expectable = []string{"idle", "before-request", "close", "requests", "hint", "status"}

var measures = map[string]measure{
	"idle": {"a time or never", (*expectation).time, func(x expectation, r livetest.Result) (bool, string) { return x.idle(r.Idle, r.Spec.IdleLimit) }},
	"before-request": {"a time or never", (*expectation).time, func(x expectation, r livetest.Result) (bool, string) {
		if r.Silence(livetest.MeasureBeforeRequest) == nil {
			return false, ""
		}
		return x.idle(*r.Silence(livetest.MeasureBeforeRequest), r.Spec.IdleLimit)
	}},
	"close": {closeKinds(), (*expectation).kind, func(x expectation, r livetest.Result) (bool, string) {
		return string(r.Idle.Close) == x.value, string(r.Idle.Close)
	}},
	"requests": {"a number or never", (*expectation).number, func(x expectation, r livetest.Result) (bool, string) {
		switch q := r.Requests; {
		case q == nil:
			return false, ""
		case q.Limit == nil:
			return x.within(q.Counted, noLimit), fmt.Sprintf("no limit in %d", q.Counted)
		default:
			return x.within(*q.Limit, *q.Limit), strconv.Itoa(*q.Limit)
		}
	}},
	"hint": {"a time or never", (*expectation).time, func(x expectation, r livetest.Result) (bool, string) {
		switch hint := r.HTTP.Asked; {
		case !r.HTTP.AskedSeen:
			return false, ""
		case hint == nil || hint.Timeout == nil:
			return x.span == model.Never && x.op != "<=", "no timeout"
		default:
			return x.between(*hint.Timeout, *hint.Timeout, 0), model.HumanSpan(*hint.Timeout)
		}
	}},
	"status": {"a number", (*expectation).number, func(x expectation, r livetest.Result) (bool, string) {
		if r.HTTP.Status == 0 {
			return false, ""
		}
		return x.within(r.HTTP.Status, r.HTTP.Status), strconv.Itoa(r.HTTP.Status)
	}},
}

func closeKinds() string {
	var words []string
	for _, k := range []livetest.CloseKind{livetest.CloseFIN, livetest.CloseRST, livetest.CloseRSTOnSend, livetest.CloseSilent, livetest.Close408, livetest.CloseGoAway, livetest.CloseNone} {
		words = append(words, string(k))
	}
	return strings.Join(words, ", ")
}

// parseExpect reads what --expect says: conditions apart by commas.
func parseExpect(text string) ([]expectation, error) {
	var list []expectation
	if text == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		at := strings.IndexAny(part, "<>=")
		if at < 0 {
			return nil, fmt.Errorf("--expect: %q is not such as idle>=60s or close=fin", model.Clean(part, 60))
		}
		x := expectation{name: strings.TrimSpace(part[:at]), op: part[at : at+1]}
		if strings.HasPrefix(part[at+1:], "=") && x.op != "=" {
			x.op += "="
		}
		x.value = strings.TrimSpace(part[at+len(x.op):])
		m, ok := measures[x.name]
		switch {
		case !ok:
			return nil, fmt.Errorf("--expect knows %s, not %q", strings.Join(expectable, ", "), model.Clean(x.name, 60))
		case x.op == "<", x.op == ">":
			return nil, fmt.Errorf("--expect: %s takes >=, <= or =, not %s alone", x.name, x.op)
		}
		if err := m.parse(&x); err != nil {
			return nil, fmt.Errorf("--expect: %s takes %s, not %q", x.name, m.takes, model.Clean(x.value, 60))
		}
		list = append(list, x)
	}
	return list, nil
}

func (x *expectation) time() (err error) {
	if x.value == "never" {
		x.span = model.Never
		return nil
	}
	x.span, err = model.ParseSpan(x.value, time.Second)
	return err
}

func (x *expectation) number() (err error) {
	if x.value == "never" && x.name != "status" {
		x.count = noLimit
		return nil
	}
	x.count, err = strconv.Atoi(x.value)
	return err
}

func (x *expectation) kind() error {
	for word := range strings.SplitSeq(closeKinds(), ", ") {
		if word == x.value && x.op == "=" {
			return nil
		}
	}
	return strconv.ErrSyntax
}

// idle holds against how long silence is kept. What is open at the limit may stay
// open for ever.
func (x expectation) idle(i livetest.Idle, limit time.Duration) (met bool, measured string) {
	if i.Samples < livetest.MinGoodSamples {
		return false, ""
	}
	low, high := limit, model.Never
	if i.Low != nil {
		low = *i.Low
	}
	if i.High != nil {
		high = *i.High
	}
	if i.Low == nil {
		measured = "open after " + model.HumanSpan(limit)
	} else {
		measured = model.HumanRange(low.Round(time.Millisecond), high.Round(time.Millisecond))
	}
	if x.span == model.Never {
		return x.op == "<=" || i.Low == nil, measured
	}
	return x.between(low, high, tuning.Timing), measured
}

// between holds a time against a measured range. = allows what a timer of that time
// may be off, a hundredth and the slack.
func (x expectation) between(low, high, slack time.Duration) bool {
	switch x.op {
	case ">=":
		return low >= x.span-slack
	case "<=":
		return high <= model.Add(x.span, slack)
	}
	if slack > 0 {
		slack += x.span / 100
	}
	return low >= x.span-slack && high <= model.Add(x.span, slack)
}

func (x expectation) within(low, high int) bool {
	switch x.op {
	case ">=":
		return low >= x.count || high == noLimit && x.count == noLimit
	case "<=":
		return high <= x.count
	}
	return high == x.count
}

// expected is what became of the expectations.
func expected(all []expectation, r livetest.Result) []wire.Expected {
	list := []wire.Expected{}
	for _, x := range all {
		e := wire.Expected{Text: x.name + x.op + x.value}
		met, measured := measures[x.name].met(x, r)
		if measured != "" {
			e.Met, e.Measured = met, &measured
		}
		list = append(list, e)
	}
	return list
}
