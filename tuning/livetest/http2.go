package livetest

import "time"

// HTTP2Settings are what a server's first SETTINGS frame says (RFC 9113
// section 6.5.2). Nil is not said.
type HTTP2Settings struct {
	MaxStreams    *uint32 `json:"max_concurrent_streams,omitempty"`
	InitialWindow *uint32 `json:"initial_window_size,omitempty"`
	MaxFrame      *uint32 `json:"max_frame_size,omitempty"`
	HeaderTable   *uint32 `json:"header_table_size,omitempty"`
}

// HTTP2 is what a server does with HTTP/2 connections.
type HTTP2 struct {
	Settings HTTP2Settings
	Ping     *time.Duration // answered after; nil: not answered
	Pings    int            // PING frames that the server sent by itself
	Idle     Idle           // after a response
	GoAway   string         // last stream, error code and debug text, sanitised; "" if none was sent
	Refused  string         // why HTTP/2 was not spoken; "" if it was
}

func (h *HTTP2) take(e Event) {
	switch e.Kind {
	case EventHTTP2:
		if e.Settings != nil {
			h.Settings = *e.Settings
		}
		if e.Yes {
			h.Ping = &e.Took
		}
		h.Pings += e.Sent
		if !e.Done {
			h.Refused = e.Text
		}
	case EventClosed:
		if e.Close == CloseGoAway {
			h.GoAway = e.Text
		}
	default:
	}
}

// A ReuseSaving is what reusing a connection saves for each request: the median
// of a fresh connection's handshakes and first answer, and of an answer on a
// connection already open.
type ReuseSaving struct {
	Fresh, Reused time.Duration
	Samples       int // of the rarer of the two
}

// Saved is what one reuse saves; not below 0.
func (w ReuseSaving) Saved() time.Duration { return max(0, w.Fresh-w.Reused) }
