package tuning

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// price is what a remedy costs beside what it cures: later news of a dead peer,
// other programs of the host, a reboot.
func (t *trial) price(o *option) []string {
	var found []string
	say := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !slices.Contains(found, text) {
			found = append(found, text)
		}
	}
	if after, ok := t.try(o.edits); ok {
		was, is := t.before.leg, after.leg
		for _, x := range [][2]*Side{{&was.Client, &is.Client}, {&was.Server, &is.Server}} {
			if x[0].Kernel == x[1].Kernel {
				continue
			}
			before, now := t.env.states(x[0].Kernel), t.env.states(x[1].Kernel)
			for _, d := range []struct {
				what    string
				was, is time.Duration
			}{{"with data in flight", before.InFlight.High, now.InFlight.High}, {"on a quiet connection", before.Idle.High, now.Idle.High}} {
				switch {
				case d.is <= model.Add(d.was, d.was/10):
				case d.is == model.Never:
					say("%s never notices a dead peer %s any more", x[0].Endpoint.ID, d.what)
				default:
					say("%s notices a dead peer %s after %s, not %s", x[0].Endpoint.ID, d.what, model.HumanSpan(d.is.Round(time.Second/10)), model.HumanSpan(d.was.Round(time.Second/10)))
				}
			}
		}
	}
	for _, k := range o.knobs {
		if k.side != nil && k.param.Face == model.FaceHost {
			say("it holds for every program on the host of %s", k.endpoint)
		}
		if strings.Contains(k.param.Effect, "reboot") {
			say("it takes a reboot")
		}
	}
	return found
}
