package wire

import (
	"slices"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// HTTP2 is what a server does with HTTP/2 connections.
type HTTP2 struct {
	MaxStreams    *int     `json:"max_concurrent_streams"`
	InitialWindow *int     `json:"initial_window_size"`
	MaxFrame      *int     `json:"max_frame_size"`
	HeaderTable   *int     `json:"header_table_size"`
	Ping          *Seconds `json:"ping_s"`
	Pings         int      `json:"pings"` // that the server sent by itself
	Idle          Idle     `json:"idle"`
	GoAway        *string  `json:"goaway"`
	Refused       *string  `json:"refused"`
}

// ProbeSocket is TCP options of the test's own connections; null is what it was not
// asked for, or off.
type ProbeSocket struct {
	KeepAlive   bool     `json:"keepalive"`
	Idle        *Seconds `json:"idle_s"`
	Interval    *Seconds `json:"interval_s"`
	Count       *int     `json:"count"`
	UserTimeout *Seconds `json:"user_timeout_s"`
}

// Worth is what reusing a connection saves for each request.
type Worth struct {
	Fresh   Seconds `json:"fresh_s"`
	Reused  Seconds `json:"reused_s"`
	Saved   Seconds `json:"saved_s"`
	Samples int     `json:"samples"`
}

// A Ladder is which idle gaps a connection outlives in one direction.
type Ladder struct {
	Direction string   `json:"direction" enum:"out,in"`
	Probes    bool     `json:"probes"`
	Alive     *Seconds `json:"alive_s"`
	Dead      *Seconds `json:"dead_s"`
	Close     *string  `json:"close" enum:"fin,rst,rst-on-send,silent,408,goaway,none"`
	Rungs     []Rung   `json:"rungs"`
}

// A Rung is one gap that was tried.
type Rung struct {
	Conn  int      `json:"conn"`
	Gap   Seconds  `json:"gap_s"`
	Round int      `json:"round"`
	State string   `json:"state" enum:"connecting,watched,closed,open,discarded,failed"`
	Close *string  `json:"close" enum:"fin,rst,rst-on-send,silent,408,goaway,none"`
	After *Seconds `json:"after_s"` // null where it lasted for the whole gap
	Why   *string  `json:"why"`
}

// Apart is whose timer ends an idle connection, as far as it was found out.
type Apart struct {
	Server *Seconds    `json:"server_s"` // the server's own
	Path   []PathTimer `json:"path"`
	Hidden bool        `json:"hidden"` // the path forgets before a server's close could be seen
}

// A PathTimer is when the path forgets an idle connection.
type PathTimer struct {
	Direction string  `json:"direction" enum:"out,in"`
	Alive     Seconds `json:"alive_s"`
	Dead      Seconds `json:"dead_s"`
	Close     string  `json:"close" enum:"fin,rst,rst-on-send,silent,408,goaway,none"`
}

// ProbeRace is how many requests met the close.
type ProbeRace struct {
	Mode     string     `json:"mode" enum:"steps,poisson"`
	Around   Seconds    `json:"around_s"`
	Requests int        `json:"requests"`
	Failures int        `json:"failures"`
	Ratio    float64    `json:"ratio"`
	Steps    []RaceStep `json:"steps"`
}

// A RaceStep is what became of the requests after one gap.
type RaceStep struct {
	Offset Seconds `json:"offset_s"`
	Method string  `json:"method"`
	Sent   int     `json:"sent"`
	Failed int     `json:"failed"`
	Closed int     `json:"closed"`
}

// Hold is what became of many idle connections held at once.
type Hold struct {
	Asked    int        `json:"asked"`
	Opened   int        `json:"opened"`
	Refused  int        `json:"refused"`
	Open     int        `json:"open"`
	Limited  *string    `json:"limited"`
	Survival []Survived `json:"survival"`
}

// A Survived is a step of the survival curve.
type Survived struct {
	After Seconds `json:"after_s"`
	Open  int     `json:"open"`
}

// addParts fills in what a default test leaves out.
func (p *Probe) addParts(r livetest.Result) {
	p.Others = others(r)
	if h := r.HTTP2; h != nil {
		s := h.Settings
		p.HTTP2 = &HTTP2{
			number(s.MaxStreams), number(s.InitialWindow), number(s.MaxFrame), number(s.HeaderTable),
			pointer(h.Ping), h.Pings, measured(h.Idle), word(h.GoAway), word(h.Refused),
		}
	}
	if w := r.ReuseSaving; w != nil {
		p.Worth = &Worth{Seconds(w.Fresh), Seconds(w.Reused), Seconds(w.Saved()), w.Samples}
	}
	if o := r.Socket; o != nil {
		p.Socket = &ProbeSocket{o.KeepAlive, some(o.Idle), some(o.Interval), nil, some(o.UserTimeout)}
		if o.Count > 0 {
			p.Socket.Count = &o.Count
		}
	}
	for _, l := range r.Ladders {
		p.Ladders = append(p.Ladders, ladder(l))
	}
	p.Held = held(r.Ladders)
	apart := r.TimerAttribution()
	p.Apart = Apart{pointer(apart.Server), []PathTimer{}, apart.Hidden}
	for _, t := range apart.Path {
		p.Apart.Path = append(p.Apart.Path, PathTimer{string(t.Direction), Seconds(t.Alive), Seconds(t.Dead), string(t.Close)})
	}
	if q := r.Race; q != nil {
		race := ProbeRace{string(q.Mode), Seconds(q.Around), q.Requests, q.Failures, q.Ratio(), []RaceStep{}}
		for _, s := range q.Steps {
			race.Steps = append(race.Steps, RaceStep{Seconds(s.Offset), s.Method, s.Sent, s.Failed, s.Closed})
		}
		p.Race = &race
	}
	if h := r.Hold; h != nil {
		hold := Hold{h.Asked, h.Opened, h.Refused, h.Open, word(h.Limited), []Survived{}}
		for _, s := range h.Survival() {
			hold.Survival = append(hold.Survival, Survived{Seconds(s.After), s.Open})
		}
		p.Hold = &hold
	}
}

// named are the measurements that have fields of their own.
var named = []livetest.Measurement{
	livetest.MeasureIdle, livetest.MeasureBeforeRequest, livetest.MeasureMidHeader, livetest.MeasureRequests, livetest.MeasureHint,
	livetest.MeasureHTTP10, livetest.MeasureHead, livetest.MeasureHTTP2, livetest.MeasureLadder, livetest.MeasureHold, livetest.MeasureRace,
}

// others are what all further measurements found.
func others(r livetest.Result) map[string]Measured {
	found := map[string]Measured{}
	for _, m := range livetest.AllMeasurements() {
		j := Measured{Idle: silence(r, m), KeepsAlive: r.Kept(m), Values: r.More[m], Text: []string{}}
		if slices.Contains(named, m) || j.Idle == nil && j.KeepsAlive == nil && j.Values == nil {
			continue
		}
		for _, l := range m.Lines(r) {
			j.Text = append(j.Text, l.Text)
		}
		found[string(m)] = j
	}
	return found
}

// silence is how long connections of a measurement were kept open, null where none was.
func silence(r livetest.Result, m livetest.Measurement) *Idle {
	i := r.Silence(m)
	if i == nil {
		return nil
	}
	j := measured(*i)
	return &j
}

// persists is the answer of a yes-or-no question, null where there is none.
func persists(r livetest.Result, m livetest.Measurement) *HTTP10 {
	kept := r.Kept(m)
	if kept == nil {
		return nil
	}
	return &HTTP10{*kept}
}

// number is a setting of a frame; null where it was not said.
func number(n *uint32) *int {
	if n == nil {
		return nil
	}
	i := int(*n)
	return &i
}

// some is a time, null for none.
func some(d time.Duration) *Seconds {
	if d == 0 {
		return nil
	}
	return pointer(&d)
}

func ladder(l livetest.Ladder) Ladder {
	j := Ladder{string(l.Direction), l.Probes, pointer(l.Alive), pointer(l.Dead), word(string(l.Close)), []Rung{}}
	for _, g := range l.Rungs {
		var after *time.Duration
		if g.After > 0 {
			after = &g.After
		}
		j.Rungs = append(j.Rungs, Rung{
			Conn: g.Conn, Gap: Seconds(g.Gap), Round: g.Round, State: string(g.State), Close: word(string(g.Close)), After: pointer(after), Why: word(g.Why),
		})
	}
	return j
}

// held is whether TCP keep-alive holds the path, null where that was not found out.
func held(all []livetest.Ladder) *bool {
	yes, known := livetest.Held(slices.Clone(all))
	if !known {
		return nil
	}
	return &yes
}
