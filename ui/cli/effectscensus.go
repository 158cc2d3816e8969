package cli

import (
	"context"

	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/host"
)

// Sockets counts this host's sockets, as keeptune census does.
func (e *effects) Sockets(ctx context.Context, filter census.Filter) (counted *census.Summary, hidden int, err error) {
	counted = census.NewSummary(filter)
	got, err := host.Sockets(ctx, host.Options{Spans: true, Owners: true}, func(s *census.Socket) { counted.Add(s) })
	return counted, got.Hidden, err
}
