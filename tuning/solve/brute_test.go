package solve

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning"
)

// exhaustive tries every assignment of the settings of legs and asks [tuning.Analyze]
// of each. New findings may cost so many changes more than the needs alone take.
func exhaustive(t *testing.T, p *problem, legs []int) int64 {
	t.Helper()
	type met struct {
		changes int
		cost    int64
		calm    bool
	}
	var all []met
	at := make([]int, len(p.all))
	var try func(i int, cost int64, changes int)
	try = func(i int, cost int64, changes int) {
		switch {
		case i < len(p.all) && !slices.Contains(legs, p.all[i].legs[0]):
			try(i+1, cost, changes)
			return
		case i < len(p.all):
			for o := range p.all[i].domain {
				at[i] = o
				try(i+1, cost+p.all[i].domain[o].cost, changes+min(o, 1))
			}
			at[i] = 0
			return
		}
		d, err := p.with(at)
		if err != nil {
			t.Fatal(err)
		}
		r, err := tuning.Analyze(d, p.env)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range p.needs {
			if slices.Contains(legs, n.leg) && !n.met(&r.Legs[n.leg]) {
				return
			}
		}
		calm := !slices.ContainsFunc(graver(p.before.Findings, r.Findings), func(f tuning.Finding) bool { return slices.Contains(legs, f.Leg) })
		all = append(all, met{changes, cost, calm})
	}
	try(0, 0, 0)
	fewest, best := len(p.all), none
	for _, x := range all {
		fewest = min(fewest, x.changes)
	}
	for _, x := range all {
		if x.calm && x.changes <= fewest+mending {
			best = min(best, x.cost)
		}
	}
	return best
}

// thin keeps what is there now and some of the other options of each setting, so that
// every assignment can be tried.
func thin(random *rand.Rand, p *problem, most int) int {
	random.Shuffle(len(p.all), func(i, j int) { p.all[i], p.all[j] = p.all[j], p.all[i] })
	size, kept := 1, p.all[:0]
	for _, s := range p.all {
		n := min(2+random.IntN(5), len(s.domain))
		if size*n > most {
			continue
		}
		others := slices.Clone(s.domain[1:])
		random.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
		others = others[:n-1]
		slices.SortFunc(others, func(a, b option) int { return int(a.cost - b.cost) })
		s.domain = append(s.domain[:1:1], others...)
		size *= n
		kept = append(kept, s)
	}
	p.arrange(kept)
	return size
}

var drawn = []string{
	"putty/windows@10 > conntrack > sshd", "putty/windows@7 > aws-nat-gateway > sshd", "ssh > conntrack > sshd", "ie@11 > iis",
	"chrome > nginx > node", "aws-alb > apache", "go-client > aws-nat-gateway > nginx", "nginx > node", "haproxy > tomcat", "curl > nginx > haproxy > apache",
	"envoy > gunicorn", "undici > aws-alb > nginx > node", "psycopg > conntrack > postgresql", "psycopg > pgbouncer > postgresql", "python-requests > nginx",
	"firefox > haproxy > conntrack > kestrel", "grpc-client > aws-nat-gateway > grpc-server", "java-http-client/windows > jetty", "curl/freebsd > nginx/freebsd", "curl/macos > caddy", "curl/illumos > apache/illumos",
}

// drawn goals, as people write them.
var times = []string{"3s", "10s", "20s", "30s", "45s", "60s", "90s", "2m", "3m", "5m", "10m", "15m", "1h"}

func draw(t *testing.T, random *rand.Rand, c *model.Catalog) (model.Document, bool) {
	t.Helper()
	path, err := model.ParsePath(drawn[random.IntN(len(drawn))], c)
	if err != nil {
		t.Log(err)
		return model.Document{}, false
	}
	d := model.Document{Path: path}
	pick := func(all []string) string { return all[random.IntN(len(all))] }
	for _, goal := range model.AllGoals() {
		if random.IntN(3) > 0 {
			continue
		}
		text := pick(times)
		switch goal {
		case model.GoalIdle:
			text = pick([]string{"10", "128", "500", "2000"})
		case model.GoalLost:
			text = pick([]string{"0", "0", "0.1%", "1%"})
		case model.GoalProbes:
			text = pick([]string{"0.1", "1", "5", "40"})
		default:
		}
		v, err := goal.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		d.Goals = d.Goals.With(goal, v)
	}
	legs := len(tuning.Stretches(path, tuning.NewEnv(c, 0)))
	for leg := range legs {
		if random.IntN(2) == 0 || leg == 0 {
			d, err = d.Assign(c, fmt.Sprintf("leg%d:%s", leg+1, pick([]string{"arrivals=2", "arrivals=41", "connections=300"})))
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	// Something is set already, now and then amiss.
	env := tuning.NewEnv(c, 0)
	r, err := tuning.Analyze(d, env)
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Legs {
		for _, s := range []*tuning.Side{&r.Legs[i].Client, &r.Legs[i].Server} {
			for j := range s.Rows {
				row := &s.Rows[j]
				if random.IntN(6) > 0 || !s.Settable(row.Param) {
					continue
				}
				v := model.For(ladder[random.IntN(len(ladder))])
				switch row.Param.Shape() {
				case model.ShapeSwitch:
					v = model.Switch(random.IntN(2) == 0)
				case model.ShapeCount:
					v = model.Times(1 + random.Int64N(12))
				default:
				}
				if next, err := d.With(model.Set{Endpoint: s.Endpoint.ID, Param: row.Param.ID, Setting: model.Typed(v)}, c); err == nil {
					d = next
				}
			}
		}
	}
	return d, len(d.Goals.Wanted) > 0
}

// TestNothingIsMissed: what the search finds is the cheapest of all assignments, and
// where it finds none, there is none.
func TestNothingIsMissed(t *testing.T) {
	c := model.Embedded()
	most := 300
	if lawcheck.Long() {
		most = 1500
	}
	found, impossible, idle := 0, 0, 0
	for seed := range lawcheck.Cases(1100) {
		random := rand.New(rand.NewPCG(uint64(seed), 13))
		d, ok := draw(t, random, c)
		if !ok {
			continue
		}
		p, err := newProblem(d, tuning.NewEnv(c, 0))
		if err != nil {
			t.Fatalf("seed %d: %s: %v", seed, d.Path, err)
		}
		thin(random, p, most)
		began := time.Now()
		at, ok, err := p.assign(context.Background(), p.every(), true)
		took := time.Since(began)
		if err != nil {
			t.Fatal(err)
		}
		cost := none
		if ok {
			cost = 0
			for i, o := range at {
				cost += p.all[i].domain[o].cost
			}
		}
		want := int64(0)
		for _, legs := range p.components() {
			if best := exhaustive(t, p, legs); best == none || want == none {
				want = none
			} else {
				want += best
			}
		}
		if cost != want {
			var all []string
			for _, s := range p.all {
				var values []string
				for _, o := range s.domain {
					values = append(values, o.value.String())
				}
				all = append(all, fmt.Sprintf("%s %s: %s", s.ref.Endpoint, s.ref.Param, strings.Join(values, " ")))
			}
			t.Errorf("seed %d: %s, goals %v: the search says %d, trying all %d (%v)\n%s\n%v", seed, d.Path, d.Goals.Wanted, cost, want, took, strings.Join(all, "\n"), at)
		}
		switch cost {
		case none:
			impossible++
		case 0:
			idle++
		default:
			found++
		}
	}
	t.Logf("%d solved, %d met as they are, %d impossible", found, idle, impossible)
	if found == 0 || impossible == 0 {
		t.Error("the cases are of one kind")
	}
}
