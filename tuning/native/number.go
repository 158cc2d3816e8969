package native

import (
	"fmt"
	"strconv"
	"time"

	"example.com/keeptune/model"
)

// A step is a unit of time that a target writes behind a number.
type step struct {
	size time.Duration
	name string // as the target writes it; empty for a bare number
}

var (
	bareSeconds      = []step{{time.Second, ""}}
	bareMilliseconds = []step{{time.Millisecond, ""}}
)

// ownStep is the unit of a parameter, for targets that write bare numbers.
func ownStep(p *model.Param) []step { return []step{{p.Unit.Size(), ""}} }

// number writes a value for a target: a span in the first step in which it is
// a whole number, a count, or the number that stands for off and never.
func (t *target) number(it item, subject string, steps []step) (string, error) {
	p := it.param()
	if it.gone && !it.value.IsSet() {
		return "", nil
	}
	refuse := func(why string) (string, error) { return "", t.cannot(it.row, it.value, subject, why) }
	switch it.value.Kind {
	case model.Off:
		return "0", nil
	case model.On:
		return "1", nil
	case model.Forever:
		switch {
		case p.Never != "":
			return p.Never, nil
		case p.Zero == model.ZeroNever:
			return "0", nil
		case p.Zero == model.ZeroUnset && p.Fallback == "":
			return "0", nil
		}
		return refuse("there is no way to write a time without end; set a finite one")
	case model.Count:
		n, _ := it.value.Count()
		return strconv.FormatInt(n, 10), nil
	case model.Span:
		d, _ := it.value.Duration()
		for _, s := range steps {
			if d%s.size == 0 {
				return strconv.FormatInt(int64(d/s.size), 10) + s.name, nil
			}
		}
		smallest := steps[len(steps)-1].size
		return refuse(fmt.Sprintf("it counts in whole steps of %s; the nearest are %s and %s", model.HumanSpan(smallest),
			model.HumanSpan(d-d%smallest), model.HumanSpan(d-d%smallest+smallest)))
	case model.Unset, model.Unknown, model.Rate: // a rate belongs to a leg
	}
	return refuse("there is no value to write")
}

// onOff is a switch in the two words of a target.
func onOff(v model.Value, on, off string) string {
	if v == model.ValueOn {
		return on
	}
	return off
}
