package cli

import (
	"context"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/host"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/ui/contract"
)

// Sockets counts this host's sockets, as keeptune census does.
func (e *effects) Sockets(ctx context.Context, q contract.CensusQuery) (counted *census.Summary, hidden int, err error) {
	counted = census.NewSummary(q.Filter)
	counted.Compare(q.Beside)
	counted.Follow()
	got, err := host.Sockets(ctx, host.Options{Namespace: q.Namespace, Spans: true, Owners: true}, func(s *census.Socket) { counted.Add(s) })
	access := machine.Access{Kind: "ask", What: "the kernel for TCP sockets (ss -tanoie), and /proc/[pid]/fd for their owners", Count: 1}
	if err != nil {
		access.Failed = model.Clean(err.Error(), 120)
	}
	e.log.note(access)
	return counted, got.Hidden, err
}
