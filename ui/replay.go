package ui

import (
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
)

// replayed shows a recorded test as the result of the session's last one.
func (a app) replayed(events []livetest.Event) app {
	if len(events) == 0 {
		return a
	}
	t := testRun{id: 1, cancel: func() {}, summary: &livetest.Summary{}, path: a.s.Document().Path}
	for _, e := range events {
		t.summary.Add(e)
	}
	r, zone := t.summary.Result(), a.now.Location()
	t.view = contract.TestView{
		Ran: true, Replayed: true, Target: r.Spec.Target.String(), Server: contract.ServerName(a.context()), Result: r,
		Started: events[0].Wall.In(zone), Measured: events[len(events)-1].Wall.In(zone),
	}
	a.test = t
	return a.show(contract.Test)
}
