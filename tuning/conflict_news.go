package tuning

import (
	"fmt"
	"slices"

	"example.com/keeptune/model"
)

// newsAgainstOutage is one finding in the place of those that would turn the probes and
// retransmissions of a side both up and down.
var newsAgainstOutage = &Rule{
	ID: "KA-18", Severity: Warning,
	Title:   "no setting notices a dead peer so soon and survives so long an outage",
	Why:     "During an outage the other end is silent just as a dead one is: who gives up sooner loses what would have gone on, who waits for longer notices later. One of the two times has to give way, or what is lost is taken up again.",
	WrongIf: "the two times were asked for by different people, for different connections",
	Source:  "RFC 1122 section 4.2.3.6; https://superuser.com/questions/529511",
	byHand:  true,                                // which of the two gives way is for whoever wants them to say
	check:   func(*Leg) []Finding { return nil }, // it comes of others
}

// pulls reports whether a finding is one of those that newsAgainstOutage stands for. A
// quiet connection that an idle time ends is no loss: there KA-3 can be put right.
func (l *Leg) pulls(f *Finding) bool {
	switch f.Rule.ID {
	case "KA-4", "KA-7", "KA-14":
		return true
	case "KA-3":
		return l.Limit.Session
	}
	return false
}

// reconciled puts one finding in the place of those about a dead peer and an outage,
// where the outage lasts as long as a dead peer may stay unnoticed: the last try of
// whoever survives comes after the notice.
func reconciled(l *Leg, all []Finding) []Finding {
	within := l.spanGiven(model.QuantityNotice)
	if within == 0 || l.outage < within || !slices.ContainsFunc(all, func(f Finding) bool { return l.pulls(&f) }) {
		return all
	}
	f := Finding{Rule: newsAgainstOutage, Leg: l.Index, graded: true, Severity: Warning, At: []ParamRef{l.quantity(model.QuantityNotice), l.quantity(model.QuantityOutage)}}
	f.Because = []string{ // the ways out before what they are out of
		fmt.Sprintf("notice later: whoever survives %s gives a dead peer up after more than %[1]s", model.HumanSpan(l.outage)),
		fmt.Sprintf("or survive less: whoever notices a dead peer within %s survives less than %[1]s", model.HumanSpan(within)),
		fmt.Sprintf("or let what is lost be taken up again (a pool that reconnects, tmux or screen on the server): then the %s alone decide", model.HumanSpan(within)),
	}
	var rest []Finding
	for i := range all {
		x := &all[i]
		if !l.pulls(x) {
			rest = append(rest, *x)
			continue
		}
		f.Because = append(f.Because, x.Because...)
		for _, ref := range x.At {
			if !slices.Contains(f.At, ref) {
				f.At = append(f.At, ref)
			}
		}
		for _, ref := range x.Assuming {
			if !slices.Contains(f.Assuming, ref) {
				f.Assuming = append(f.Assuming, ref)
			}
		}
	}
	return append(rest, f)
}
