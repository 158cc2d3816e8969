package cli

import (
	"context"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/trace"
)

// Capture follows the connections of a capture, as keeptune pcap does.
func (e *effects) Capture(ctx context.Context, file string) (*trace.Tracker, capture.Counts, error) {
	e.log.files("read", file)
	var f pcapFlags
	t, err := e.app.readCapture(ctx, &f, file, nil)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, capture.Counts{}, err
	}
	return t.tracker, t.file, nil
}
