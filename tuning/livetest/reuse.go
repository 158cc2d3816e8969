package livetest

import "time"

// A ReuseSaving is what reusing a connection saves for each request: the median
// of a fresh connection's handshakes and first answer, and of an answer on a
// connection already open.
type ReuseSaving struct {
	Fresh, Reused time.Duration
	Samples       int // of the rarer of the two
}

// Saved is what one reuse saves; not below 0.
func (w ReuseSaving) Saved() time.Duration { return max(0, w.Fresh-w.Reused) }

// reuse gathers how long requests take.
type reuse struct {
	opened map[int]time.Duration // connection: its handshakes
	fresh  []time.Duration
	reused []time.Duration
}

// take times first answers on fresh connections and later ones on open ones, whole pages
// only; request counting tells the median of its own.
func (p *reuse) take(e Event) {
	switch {
	case e.Kind == EventConnected:
		if p.opened == nil {
			p.opened = map[int]time.Duration{}
		}
		p.opened[e.Conn] = e.Connect + e.Handshake
	case e.Kind == EventResponse && e.Method != "":
	case e.Kind == EventResponse && e.Request == 1 && e.Took > 0:
		p.fresh = append(p.fresh, p.opened[e.Conn]+e.Took)
	case (e.Kind == EventResponse || e.Kind == EventCounted && e.Done) && e.Request > 1 && e.Took > 0:
		p.reused = append(p.reused, e.Took)
	}
}

func (p *reuse) conclude(r *Result) {
	if n := min(len(p.fresh), len(p.reused)); n > 0 {
		r.ReuseSaving = &ReuseSaving{Fresh: median(p.fresh), Reused: median(p.reused), Samples: n}
	}
}
