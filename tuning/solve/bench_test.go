package solve_test

import (
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/solve"
)

// sixHops is a path of six hops of which seventeen settings may be changed.
func sixHops(b testing.TB) model.Document {
	return document(b, "curl > conntrack > nginx > haproxy > conntrack > node",
		"conntrack:nf_conntrack_tcp_timeout_established=300s conntrack-2:nf_conntrack_tcp_timeout_established=350s leg1:arrivals=20 leg2:arrivals=20 leg3:arrivals=20",
		"detect-server=3m outage=20s hold=300s lost=0 idle=4000 probes=200", "haproxy node")
}

// What a proposal costs, each time from nothing.
func BenchmarkSolve(b *testing.B) {
	c, d := model.Embedded(), sixHops(b)
	b.ReportAllocs()
	for b.Loop() {
		a, err := solve.Solve(b.Context(), d, c, 0)
		if err != nil {
			b.Fatal(err)
		}
		if a.Proposal == nil {
			b.Fatalf("no proposal: %v", a.Conflict)
		}
	}
}

// The same where the goals cannot be met, with every way out.
func BenchmarkSolveImpossible(b *testing.B) {
	c, d := model.Embedded(), sixHops(b)
	v, err := model.GoalIdle.Parse("10")
	if err != nil {
		b.Fatal(err)
	}
	d.Goals = d.Goals.With(model.GoalIdle, v)
	b.ReportAllocs()
	for b.Loop() {
		a, err := solve.Solve(b.Context(), d, c, 0)
		if err != nil {
			b.Fatal(err)
		}
		if a.Proposal != nil {
			b.Fatal("a proposal")
		}
	}
}
