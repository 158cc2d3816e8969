package trace_test

import (
	"testing"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/tuning/trace/packets"
)

// script is the packets that a text describes.
func script(t testing.TB, text string) []capture.Segment {
	t.Helper()
	all, err := packets.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// track follows all packets, and gives the tracker and the connections in the order of their ends.
func track(all []capture.Segment) (*trace.Tracker, []trace.Connection) {
	var ended []trace.Connection
	tr := trace.New(func(c *trace.Connection) { ended = append(ended, *c) })
	for i := range all {
		tr.Add(&all[i])
	}
	tr.End()
	return tr, ended
}
