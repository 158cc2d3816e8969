package wire

import "example.com/keeptune/tuning/detect"

// CalcSchema names the shape of [Calc].
const CalcSchema = "keeptune.calc/1"

// A Calc is what one socket does: keeptune calc --format json.
type Calc struct {
	Schema    string     `json:"schema"`
	Version   string     `json:"version"`
	Knowledge string     `json:"knowledge"`
	Socket    Socket     `json:"socket"`
	Detection Detections `json:"detection"`
	Assuming  []string   `json:"assuming"`
}

// A Socket is what was calculated with.
type Socket struct {
	OS          string  `json:"os"`
	HZ          int     `json:"hz"`
	KeepAlive   bool    `json:"keepalive"`
	Idle        Seconds `json:"keepalive_time_s"`
	Every       Seconds `json:"interval_s"`
	Count       int64   `json:"probes"`
	UserTimeout Seconds `json:"user_timeout_s"` // 0 is off
	Retries     int64   `json:"retries2"`
	RTT         Seconds `json:"rtt_s"`
	RTOMin      Seconds `json:"rto_min_s"`
	RTOMax      Seconds `json:"rto_max_s"`
	TailLoss    bool    `json:"tlp"`
	Several     bool    `json:"several_segments"`
	SynRetries  int64   `json:"syn_retries"`
	SynLinear   int64   `json:"syn_linear"`
	Orphans     int64   `json:"orphan_retries"`
	FinTimeout  Seconds `json:"fin_timeout_s"`
	Multipath   bool    `json:"mptcp"` // both ends speak Multipath TCP
}

// Detections holds a detection for each thing that can go wrong. Idle, waiting,
// half_closed, spared and write_at count from the last segment received,
// in_flight from the send, connect from the first SYN, zero_window from the last
// answer, orphan from the close, fin_wait from the FIN's acknowledgement. Spared
// is the end of an idle connection whose peer is well, fin_wait that of a closed
// socket whose peer does not close.
type Detections struct {
	Idle       Detection  `json:"idle"`
	InFlight   Detection  `json:"in_flight"`
	Waiting    Detection  `json:"waiting"`
	ZeroWindow Detection  `json:"zero_window"`
	Connect    Detection  `json:"connect"`
	WriteAt    *Detection `json:"write_at,omitempty"`
	Orphan     Detection  `json:"orphan"`
	HalfClosed Detection  `json:"half_closed"`
	FinWait    Detection  `json:"fin_wait"`
	Spared     Detection  `json:"spared"`
}

// FromSocket is the JSON of one socket's arithmetic.
func FromSocket(s detect.Socket, os, version, knowledge string, assuming []string) Calc {
	idle := detection(detect.Idle(s))
	return Calc{
		Schema: CalcSchema, Version: version, Knowledge: knowledge, Assuming: list(assuming),
		Socket: Socket{
			os, s.HZ, s.KeepAlive, Seconds(s.Idle), Seconds(s.Every), s.Count, Seconds(s.UserTimeout), s.Retries,
			Seconds(s.RTT), Seconds(s.RTOMin), Seconds(s.RTOMax), s.TailLossProbe, s.Several, s.SynRetries, s.SynLinear, s.Orphans, Seconds(s.FinTimeout), s.Multipath,
		},
		Detection: Detections{
			Idle: idle, InFlight: detection(detect.InFlight(s)), Waiting: idle,
			ZeroWindow: detection(detect.ZeroWindow(s)), Connect: detection(detect.Connect(s)), Orphan: detection(detect.Orphan(s)),
			HalfClosed: detection(detect.HalfClosed(s)), FinWait: detection(detect.FinWait(s)), Spared: detection(detect.Spared(s)),
		},
	}
}

// WithWrite adds what a write at a moment after the last segment changes.
func (c Calc) WithWrite(d detect.Detection) Calc {
	w := detection(d)
	c.Detection.WriteAt = &w
	return c
}
