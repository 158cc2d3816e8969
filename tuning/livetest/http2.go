package livetest

import (
	"fmt"
	"time"
)

// MeasureHTTP2 measures settings, PING, idle close and GOAWAY of HTTP/2.
const (
	MeasureHTTP2 Measurement = "http2"
	RoleHTTP2                = Role(MeasureHTTP2)
)

const http2Samples = 3

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

// An http2Fold gathers what the HTTP/2 connections said.
type http2Fold struct{ found HTTP2 }

func (f *http2Fold) take(e Event) {
	h := &f.found
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

func (f *http2Fold) conclude(r *Result, _ doubts) {
	h := f.found
	h.Idle = condense(r.Samples, RoleHTTP2)
	r.HTTP2 = &h
}

type http2Question struct{ *traits }

var http2 = http2Question{&traits{
	name: MeasureHTTP2, stage: silent, silence: "HTTP/2", other: true, apart: true,
	choice: &Choice{Name: "HTTP/2", About: "settings, PING, idle close and GOAWAY of three HTTP/2 connections", Place: 2, Values: []string{"on"}},
}}

func (q http2Question) opens(Spec) int { return http2Samples }

func (q http2Question) fold() fold { return &http2Fold{} }

func (q http2Question) answered(r Result) bool {
	return r.HTTP2 != nil && (r.HTTP2.Idle.Samples > 0 || r.HTTP2.Refused != "")
}

func (q http2Question) lines(r Result) []Line {
	if r.HTTP2 == nil {
		return nil
	}
	return []Line{{"HTTP/2", r.HTTP2.Text(r.Spec.IdleLimit)}}
}

// Text says in one sentence what a server does with HTTP/2 connections.
func (h HTTP2) Text(limit time.Duration) string {
	if h.Refused != "" {
		return "not spoken: " + h.Refused
	}
	text := "idle " + h.Idle.Text(limit)
	if h.Settings.MaxStreams != nil {
		text += fmt.Sprintf("; %d streams at once", *h.Settings.MaxStreams)
	}
	if h.Ping != nil {
		text += "; PING answered in " + Short(*h.Ping)
	} else {
		text += "; PING not answered"
	}
	if h.Pings > 0 {
		text += fmt.Sprintf("; the server sent %d PINGs", h.Pings)
	}
	if h.GoAway != "" {
		text += "; GOAWAY: " + h.GoAway
	}
	return text
}
