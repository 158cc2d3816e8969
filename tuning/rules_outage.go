package tuning

import (
	"fmt"

	"example.com/keeptune/model"
)

// outageRules are about what a connection survives. They speak only where
// somebody said how long an outage is to be survived.
var outageRules = []*Rule{
	{
		ID: "KA-7", Severity: Warning,
		Title:   "an outage that is to be survived ends the connection",
		Why:     "One end gives the other up while the network is out, and what would have gone on is a disconnect. Spacing the tries out, or more of them, survives for longer; a dead peer is then noticed later, too.",
		WrongIf: "whoever loses the connection takes it up again by itself, or the session lives on a server (tmux, screen)",
		Source:  "https://superuser.com/questions/529511; Microsoft KB170359; the last try decides, not the giving up: measured on Linux 6.18",
		driven:  true,
		check:   checkOutage,
	},
	{
		ID: "KA-14", Severity: Warning,
		Title:   "a sign of life ends the quiet connection that it should keep",
		Why:     "What is sent during an outage is data in flight, and the kernel gives that up; a connection on which nothing is sent sleeps through it. Let the end send that is more patient (sshd: ClientAliveInterval), or let this one try for longer.",
		WrongIf: "a box on the way forgets the connection without it",
		Source:  "https://superuser.com/questions/529511; Microsoft KB170359",
		check:   checkFatalBeat,
	},
}

// failures are the states of both sides in which the outage of the leg is not survived.
func (l *Leg) failures(beats bool) []failure {
	if l.outage == 0 {
		return nil
	}
	var found []failure
	all := l.Survives()
	for _, x := range []struct {
		side *Side
		of   Survivals
	}{{&l.Client, all.Client}, {&l.Server, all.Server}} {
		h := x.side.heartbeat()
		beat := h != nil && h.Quiet && x.of.Idle.By == "retransmission"
		if fails := x.of.Idle.Known && x.of.Idle.For < l.outage; fails && beat == beats {
			found = append(found, failure{x.side, "quiet", x.of.Idle})
		}
		if fails := x.of.Busy.Known && x.of.Busy.For < l.outage; fails && !beats {
			found = append(found, failure{x.side, "busy", x.of.Busy})
		}
	}
	return found
}

type failure struct {
	side  *Side
	state string
	of    Survival
}

func (x *failure) text(l *Leg) string {
	return fmt.Sprintf("%s, while it is %s: %s; the outage lasts %s", x.side.Endpoint.ID, x.state, x.of.Text, model.HumanSpan(l.outage))
}

// checkOutage has one finding for each setting that is not patient enough.
func checkOutage(l *Leg) []Finding {
	var found []Finding
	at := map[ParamRef]int{}
	for _, x := range l.failures(false) {
		i, ok := at[x.of.Ref]
		if !ok {
			i = len(found)
			at[x.of.Ref] = i
			found = append(found, Finding{At: []ParamRef{x.of.Ref}, Severity: Warning, graded: true})
		}
		found[i].Because = append(found[i].Because, x.text(l))
	}
	return found
}

func checkFatalBeat(l *Leg) []Finding {
	var found []Finding
	for _, x := range l.failures(true) {
		h := x.side.heartbeat()
		found = append(found, Finding{At: []ParamRef{h.Ref, x.of.Ref}, Severity: Warning, graded: true, Because: []string{x.text(l)}})
	}
	return found
}
