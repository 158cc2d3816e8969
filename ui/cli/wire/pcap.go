package wire

import (
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/seen"
	"example.com/keeptune/tuning/trace"
)

// PcapSchema names the shape of [Pcap].
const PcapSchema = "keeptune.pcap/1"

// A Pcap is what a capture shows: keeptune pcap --format json.
type Pcap struct {
	Schema  string        `json:"schema"`
	Version string        `json:"version"`
	Of      string        `json:"of"`   // the file
	From    *time.Time    `json:"from"` // first packet; null without any
	To      *time.Time    `json:"to"`
	Counts  PcapCounts    `json:"counts"`
	Notes   []string      `json:"notes"` // what makes the conclusions weaker
	Servers []TraceServer `json:"servers"`
}

// PcapCounts are of the whole capture.
type PcapCounts struct {
	Packets         int64 `json:"packets"`
	Segments        int64 `json:"segments"`     // of TCP, without copies
	Unread          int64 `json:"unread"`       // packets that may have been TCP
	Dropped         int64 `json:"dropped"`      // by the capture's own counters
	Connections     int   `json:"connections"`  // that were followed
	Began           int   `json:"began_before"` // of these, before the capture
	OneSided        int   `json:"one_sided"`    // captured in one direction only
	Lossy           int   `json:"lossy"`        // with packets missing or out of order
	Probes          int   `json:"probes"`
	WindowProbes    int   `json:"window_probes"` // the same shape, while the peer's window is 0
	Retransmissions int   `json:"retransmissions"`
	OutOfOrder      int   `json:"out_of_order"`
	ZeroWindows     int   `json:"zero_windows"`
	Resets          int   `json:"resets"`
}

// A TraceServer is what was seen of the connections to one address and port.
type TraceServer struct {
	Address     string         `json:"address"`
	KnownBy     string         `json:"known_by" enum:"handshake,http,port"` // how it is known that it is the server
	Connections int            `json:"connections"`
	Refused     int            `json:"refused"`
	Open        int            `json:"open"`      // at the capture's end
	HalfOpen    int            `json:"half_open"` // closed by one end, open at the capture's end
	Requests    int            `json:"requests"`
	Arrivals    *float64       `json:"arrivals_per_s"` // null with fewer than five, or all within a second
	Conclusions []Conclusion   `json:"conclusions"`
	Closes      []TraceCloses  `json:"closes"`
	Silences    []TraceSilence `json:"silences"` // before a close of an idle connection
	Race        TraceRace      `json:"race"`
	Held        []TraceHeld    `json:"configured"` // what a path says of it, beside what was seen
}

// A TraceHeld is an idle timer of a path beside the closes that were seen.
type TraceHeld struct {
	Endpoint string  `json:"endpoint"`
	Side     string  `json:"side" enum:"server,client"`
	Setting  string  `json:"setting"`
	Low      Seconds `json:"low_s"`
	High     Seconds `json:"high_s"`
	SeenLow  Seconds `json:"seen_low_s"`
	SeenHigh Seconds `json:"seen_high_s"`
	Closes   int     `json:"closes"`
	Origin   string  `json:"origin"`
	Agrees   *bool   `json:"agrees"` // null with too few closes, or where no timer may have ended them
	Rule     *string `json:"rule"`   // that is broken
}

// Tracing is what stands around what a capture shows.
type Tracing struct {
	Version, Of string
	Notes       []string
	Servers     int // at most
	Held        func(*trace.Server) []seen.Held
}

// A Conclusion is one thing that the packets say, and how far that goes. Times are null where
// it is about none.
type Conclusion struct {
	Topic   string   `json:"topic" enum:"idle-timeout,before-request,after-answer,request-limit,unanswered,shutdown,race,hint,probes,dead-peer,box,foreign-reset,half-closed,open,reuse"`
	Side    string   `json:"side" enum:"server,client"`
	Samples int      `json:"samples"`
	Low     *Seconds `json:"low_s"`
	Median  *Seconds `json:"median_s"`
	High    *Seconds `json:"high_s"`
	Count   *int     `json:"count"` // requests of a limit or of reuse, probes of giving up, max of a hint
	Text    string   `json:"text"`
	WrongIf string   `json:"wrong_if"`
	Weak    bool     `json:"weak"` // packets are missing: the times may be of several
}

// TraceCloses are closes of one side and kind.
type TraceCloses struct {
	Side   string `json:"side" enum:"server,client"`
	Kind   string `json:"kind" enum:"idle,after-answer,before-request,waiting,switched,gave-up,foreign-reset,met-reset,unsure"`
	Count  int    `json:"count"`
	Resets int    `json:"resets"` // of these by RST
}

// A TraceSilence are count connections that a side closed after silences from low to high.
type TraceSilence struct {
	Side  string  `json:"side" enum:"server,client"`
	Low   Seconds `json:"low_s"`
	High  Seconds `json:"high_s"`
	Count int     `json:"count"`
}

// A TraceRace is requests that met a close of the server.
type TraceRace struct {
	Crossed  int            `json:"crossed"`  // sent before the client could know
	After    int            `json:"after"`    // sent although it knew
	Repeated int            `json:"repeated"` // of those crossed, seen again on another connection
	Worst    []TraceExample `json:"examples"`
}

// A TraceExample is a request that met a close, with packet numbers as Wireshark counts.
type TraceExample struct {
	At      time.Time `json:"at"`
	Client  string    `json:"client"`
	Silence Seconds   `json:"silence_s"`
	Request int64     `json:"request_packet"`
	Close   int64     `json:"close_packet"`
}

// FromTrace is what a capture shows as JSON.
func FromTrace(t *trace.Picture, file capture.Counts, x Tracing) Pcap {
	c := &t.Counts
	out := Pcap{
		Schema: PcapSchema, Version: x.Version, Of: model.Clean(x.Of, 200), Notes: list(x.Notes), Servers: []TraceServer{},
		Counts: PcapCounts{
			Packets: file.Packets, Segments: file.Segments, Unread: file.Unread(), Dropped: file.Dropped,
			Connections: c.Connections, Began: c.Began, OneSided: c.OneSided, Lossy: c.Lossy,
			Probes: c.Probes, WindowProbes: c.WindowProbes, Retransmissions: c.Retransmitted, OutOfOrder: c.OutOfOrder,
			ZeroWindows: c.ZeroWindows, Resets: c.Resets,
		},
	}
	if !t.From.IsZero() {
		out.From, out.To = &t.From, &t.To
	}
	all := t.Servers
	for _, s := range all[:min(len(all), x.Servers)] {
		to := traced(s)
		to.Held = []TraceHeld{}
		for _, h := range x.Held(s) {
			to.Held = append(to.Held, TraceHeld{
				Endpoint: string(h.Ref.Endpoint), Side: h.Side.String(), Setting: h.Setting, Low: Seconds(h.Low), High: Seconds(h.High),
				SeenLow: Seconds(h.SeenLow), SeenHigh: Seconds(h.SeenHigh), Closes: h.Closes, Origin: h.Origin, Agrees: h.Agrees, Rule: word(h.Rule),
			})
		}
		out.Servers = append(out.Servers, to)
	}
	return out
}

func traced(s *trace.Server) TraceServer {
	out := TraceServer{
		Address: s.Addr.String(), KnownBy: s.By.String(), Connections: s.Connections, Refused: s.Refused, Open: s.Open, HalfOpen: s.HalfOpen,
		Requests: s.Requests, Conclusions: []Conclusion{}, Closes: []TraceCloses{}, Silences: []TraceSilence{},
		Race: TraceRace{Crossed: s.Race.Crossed, After: s.Race.After, Repeated: s.Race.Repeated, Worst: []TraceExample{}},
	}
	if a := s.Arrivals(); a > 0 {
		out.Arrivals = &a
	}
	for _, c := range s.Conclusions() {
		to := Conclusion{Topic: string(c.Topic), Side: c.Side.String(), Samples: c.N, Text: c.Text, WrongIf: c.Wrong, Weak: c.Weak}
		if c.High > 0 {
			to.Low, to.Median, to.High = pointer(&c.Low), pointer(&c.Median), pointer(&c.High)
		}
		if c.Count > 0 {
			to.Count = &c.Count
		}
		out.Conclusions = append(out.Conclusions, to)
	}
	for r := range s.Sides {
		side, name := &s.Sides[r], trace.Role(r).String()
		for _, k := range trace.Kinds() {
			if n := side.Closed[k]; n > 0 {
				out.Closes = append(out.Closes, TraceCloses{name, k.String(), n, side.Reset[k]})
			}
		}
		for _, b := range side.Silences.Bars() {
			out.Silences = append(out.Silences, TraceSilence{name, Seconds(b.Low), Seconds(b.High), b.N})
		}
	}
	for _, x := range s.Race.Worst {
		out.Race.Worst = append(out.Race.Worst, TraceExample{x.At, x.Client.String(), Seconds(x.Silence), x.Request, x.Close})
	}
	return out
}
