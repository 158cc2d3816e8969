package wire

import (
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
)

// ProbeSchema names the shape of [Probe].
const ProbeSchema = "keeptune.probe/1"

// A Probe is what a live test concluded: keeptune probe --format json. Null is
// not known, or never where close is "none".
type Probe struct {
	Schema    string         `json:"schema"`
	Version   string         `json:"version"`
	Knowledge string         `json:"knowledge"`
	Target    string         `json:"target"`
	Address   string         `json:"address"`
	Started   *time.Time     `json:"started"`
	Elapsed   Seconds        `json:"elapsed_s"`
	Spec      Spec           `json:"spec"`
	Outcome   string         `json:"outcome" enum:"measured,inconclusive,unreachable"`
	Reason    string         `json:"reason"`
	HTTP      HTTP           `json:"http"`
	Idle      Idle           `json:"idle"`
	Second    *Second        `json:"second_round"` // null where there was none
	Before    *Idle          `json:"before_request"`
	Requests  *ProbeRequests `json:"requests"`
	HTTP10    *HTTP10        `json:"http10"`
	MidHeader *Idle          `json:"mid_header"`
	Head      *HTTP10        `json:"head"`
	HTTP2     *HTTP2         `json:"http2"`
	Worth     *Worth         `json:"worth"`
	Ladders   []Ladder       `json:"ladders"`
	Held      *bool          `json:"held_by_probes"` // null where it was not found out
	Apart     Apart          `json:"apart"`
	Race      *ProbeRace     `json:"race"`
	Hold      *Hold          `json:"hold"`
	// Others are what measurements without a field of their own found, by their names.
	Others map[string]Measured `json:"others,omitempty"`

	Socket *ProbeSocket `json:"socket"` // of our own connections, as read back

	TCP      TCP        `json:"tcp"`
	Verdicts []Verdict  `json:"verdicts"`
	Findings []Finding  `json:"findings"` // EFF-1, where the server does not do what it is configured to
	Expected []Expected `json:"expected"` // by --expect
	Samples  []Sample   `json:"samples"`
}

// An Expected is one condition of --expect.
type Expected struct {
	Text     string  `json:"text"`
	Met      bool    `json:"met"`
	Measured *string `json:"measured"` // null where it was not measured
}

// A Spec is what the test was asked to do.
type Spec struct {
	IdleLimit   Seconds  `json:"idle_limit_s"`
	Connections int      `json:"connections"`
	Requests    int      `json:"requests"`
	Stagger     Seconds  `json:"stagger_s"`
	Second      *Seconds `json:"second_spread_s"` // over which a second round is spread at most; null is none
	Method      string   `json:"method"`
	Insecure    bool     `json:"insecure"`
	Measure     []string `json:"measure"`
}

// HTTP is what the replies said.
type HTTP struct {
	Status     *int      `json:"status"`
	Version    *string   `json:"version"`
	Connection *string   `json:"connection"`
	Server     *string   `json:"server"` // what it calls itself
	KeepAlive  KeepAlive `json:"keep_alive"`
}

// A KeepAlive is the advertised hint, asked for and not.
type KeepAlive struct {
	Asked   *livetest.Hint `json:"asked"`
	Unasked *livetest.Hint `json:"unasked"`
}

// Idle is how long silence is kept.
type Idle struct {
	After     *Seconds `json:"after_s"` // the median
	Low       *Seconds `json:"low_s"`
	High      *Seconds `json:"high_s"`
	Samples   int      `json:"samples"`
	Discarded int      `json:"discarded"`
	Close     *string  `json:"close" enum:"fin,rst,rst-on-send,silent,408,goaway,none"`
	Bytes     int64    `json:"bytes_before_close"`
	Band      *Band    `json:"band"`  // null where the samples do not tell
	Ticks     *Ticks   `json:"ticks"` // null where no steps were seen
}

// A Band is where every close can be expected to lie.
type Band struct {
	From Seconds `json:"from_s"`
	To   Seconds `json:"to_s"`
}

// Ticks are the steps in which the server looks at its clock: connections that began apart
// ended at the same moments.
type Ticks struct {
	Step    *Seconds `json:"step_s"` // null where all ended at one moment
	Found   bool     `json:"found"`  // false: the step may also be a whole part of that
	Moments int      `json:"moments"`
	Spread  Seconds  `json:"spread_s"` // of the starts of those that ended together
}

// A Second is a second round of silent connections, made to find the server's step.
type Second struct {
	At     Seconds `json:"at_s"`
	Spread Seconds `json:"spread_s"`
	AtMost Seconds `json:"at_most_s"` // how long it was said to take at most
}

// ProbeRequests is how many requests one connection is given; a null limit is
// none found in so many as were counted.
type ProbeRequests struct {
	Limit         *int `json:"limit"`
	Counted       int  `json:"counted"`
	LastSaysClose bool `json:"last_says_close"`
}

// HTTP10 is what becomes of an HTTP/1.0 connection.
type HTTP10 struct {
	KeepsAlive bool `json:"keeps_alive"`
}

// Measured is what any measurement found; null is what it does not ask for or has not found.
type Measured struct {
	Idle       *Idle              `json:"idle"`
	KeepsAlive *bool              `json:"keeps_alive"`
	Values     map[string]float64 `json:"values,omitempty"` // numbers by name and unit, such as after_s
	Text       []string           `json:"text"`             // what the report says
}

// TCP is the path's own times.
type TCP struct {
	Connect   *Seconds `json:"connect_s"`
	Handshake *Seconds `json:"tls_handshake_s"`
	RTT       *Seconds `json:"rtt_s"`
	RTO       *Seconds `json:"rto_s"`
	Resent    int      `json:"resent"`
	Unacked   int      `json:"unacked"`
}

// A Verdict holds a promise against what happened.
type Verdict struct {
	Compare  string  `json:"compare" enum:"advertised,configured"`
	Says     Seconds `json:"says_s"`
	Measured Seconds `json:"measured_s"`
	Agrees   bool    `json:"agrees"`
	// Candidates are settings that explain what was measured, where it does not agree.
	Candidates []string `json:"candidates"`
}

// A Sample is one watched connection.
type Sample struct {
	Conn  int      `json:"conn"`
	Role  string   `json:"role"`
	State string   `json:"state" enum:"connecting,watched,closed,open,discarded,failed"`
	After *Seconds `json:"after_s"`
	Close *string  `json:"close" enum:"fin,rst,rst-on-send,silent,408,goaway,none"`
	Bytes int64    `json:"bytes_before_close"`
	Exact bool     `json:"exact"`
	Why   *string  `json:"why"`
	// What TCP_INFO said last; null where the operating system does not tell.
	RTT     *Seconds `json:"rtt_s"`
	RTO     *Seconds `json:"rto_s"`
	Resent  int      `json:"resent"`
	Unacked int      `json:"unacked"` // TCP probes or segments without an answer
}

// FromProbe is the JSON of a result. A run that was cut off counts as
// inconclusive.
func FromProbe(r livetest.Result, started *time.Time, found []tuning.Finding, version string) Probe {
	p := Probe{
		Schema: ProbeSchema, Version: version, Knowledge: model.KnowledgeDate,
		Target: r.Spec.Target.String(), Address: r.Address, Started: started, Elapsed: Seconds(r.Elapsed),
		Spec: spec(r.Spec), Outcome: string(r.Outcome), Reason: r.Reason, Idle: measured(r.Idle),
		TCP:      TCP{pointer(r.TCP.Connect), pointer(r.TCP.Handshake), pointer(r.TCP.RTT), pointer(r.TCP.RTO), r.TCP.Resent, r.TCP.Unacked},
		HTTP:     HTTP{Version: word(r.HTTP.Version), Connection: word(r.HTTP.Connection), Server: word(r.HTTP.Server), KeepAlive: KeepAlive{r.HTTP.Asked, r.HTTP.Unasked}},
		Verdicts: []Verdict{}, Findings: []Finding{}, Expected: []Expected{}, Samples: []Sample{}, Ladders: []Ladder{},
	}
	if p.Outcome == "" {
		p.Outcome, p.Reason = string(livetest.OutcomeInconclusive), "the recording ends before the test did"
	}
	if r.HTTP.Status != 0 {
		p.HTTP.Status = &r.HTTP.Status
	}
	if x := r.Second; x != nil {
		p.Second = &Second{Seconds(x.At), Seconds(x.Spread), Seconds(x.AtMost)}
	}
	p.Before, p.MidHeader = silence(r, livetest.MeasureBeforeRequest), silence(r, livetest.MeasureMidHeader)
	p.HTTP10, p.Head = persists(r, livetest.MeasureHTTP10), persists(r, livetest.MeasureHead)
	if q := r.Requests; q != nil {
		p.Requests = &ProbeRequests{q.Limit, q.Counted, q.LastSaysClose}
	}
	for _, v := range r.Verdicts {
		p.Verdicts = append(p.Verdicts, Verdict{v.Compare, Seconds(v.Says), Seconds(v.Measured), v.Agrees, append([]string{}, v.Candidates...)})
	}
	for i := range found {
		p.Findings = append(p.Findings, finding(&found[i]))
	}
	p.addParts(r)
	for _, s := range r.Samples {
		p.Samples = append(p.Samples, sample(s))
	}
	return p
}

func spec(s livetest.Spec) Spec {
	j := Spec{Seconds(s.IdleLimit), s.Connections, s.Requests, Seconds(s.Spread()), some(s.SecondSpread()), s.Target.Method, s.Target.Insecure, []string{}}
	for _, m := range s.Measure {
		j.Measure = append(j.Measure, string(m))
	}
	return j
}

func measured(i livetest.Idle) Idle {
	j := Idle{pointer(i.After), pointer(i.Low), pointer(i.High), i.Samples, i.Discarded, word(string(i.Close)), i.BytesBefore, nil, nil}
	if from, to, ok := i.Band(); ok {
		j.Band = &Band{Seconds(from), Seconds(to)}
	}
	if t := i.Ticks; t != nil {
		j.Ticks = &Ticks{some(t.Step), t.Found, t.Moments, Seconds(t.Spread)}
	}
	return j
}

func sample(s livetest.Sample) Sample {
	j := Sample{
		Conn: s.Conn, Role: string(s.Role), State: string(s.State), Close: word(string(s.Close)),
		Bytes: s.Bytes, Exact: s.Exact, Why: word(s.Why),
		RTT: some(s.RTT), RTO: some(s.RTO), Resent: s.Resent, Unacked: s.Unacked,
	}
	if s.Close != "" {
		j.After = pointer(&s.After)
	}
	return j
}
