package cli

import (
	"context"

	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/host"
	"example.com/keeptune/ui/contract"
)

// Sockets counts this host's sockets, as keeptune census does.
func (e *effects) Sockets(ctx context.Context, q contract.CensusQuery) (counted *census.Summary, hidden int, err error) {
	counted = census.NewSummary(q.Filter)
	counted.Compare(q.Beside)
	got, err := host.Sockets(ctx, host.Options{Namespace: q.Namespace, Spans: true, Owners: true}, func(s *census.Socket) { counted.Add(s) })
	return counted, got.Hidden, err
}
