package tuning_test

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// TestRemediesAreAllThereAre holds [tuning.Advise] against brute force: where any
// single setting of the leg silences a finding that costs anything and brings
// none as grave, a remedy is offered; and each remedy that is offered does that.
func TestRemediesAreAllThereAre(t *testing.T) {
	documents := 6
	if os.Getenv("KEEPTUNE_LONG") != "" {
		documents = 500
	}
	c := model.Embedded()
	draw := newDrawer(t, c)
	offered, cured, bare, calm := 0, 0, 0, 0
	for seed := range documents {
		d := draw.document(rand.New(rand.NewPCG(uint64(seed), 14)))
		env := tuning.NewEnv(c, 0)
		before, err := tuning.Analyze(d, env)
		if err != nil {
			t.Fatal(err)
		}
		for leg := range before.Legs {
			found := tuning.Advise(d, env, before, leg)
			open := map[int]bool{} // findings without a remedy
			for i, f := range found {
				for at, m := range f.Remedies {
					offered++
					for _, less := range f.Remedies[:at] {
						if contains(m.Edits, less.Edits) {
							t.Errorf("seed %d, %s: %q does more than %q, which is enough", seed, d.Path, m.Label, less.Label)
						}
					}
					if why := helps(d, env, before, &f, m.Edits); why != "" {
						t.Errorf("seed %d, %s: %s of leg %d, %q: %s\n%s", seed, d.Path, f.Rule.ID, leg+1, m.Label, why, settings(d))
					}
				}
				switch {
				case f.Calm():
					calm++
					if len(f.Remedies) > 0 {
						t.Errorf("seed %d, %s: %s of leg %d costs nothing, and %q is offered", seed, d.Path, f.Rule.ID, leg+1, f.Remedies[0].Label)
					}
				case len(f.Remedies) == 0:
					open[i] = true
					bare++
				default:
					cured++
				}
			}
			for _, e := range everyEdit(&before.Legs[leg]) {
				for i, f := range found {
					if open[i] && !undoes(before, found, i, e) && helps(d, env, before, &f, []model.Edit{e}) == "" {
						t.Errorf("seed %d, %s: %s of leg %d is silenced by %s %s %s, and no remedy is offered\n%s",
							seed, d.Path, f.Rule.ID, leg+1, e.Endpoint, e.Param, e.Setting.Value, settings(d))
						open[i] = false
					}
				}
			}
		}
	}
	t.Logf("%d remedies; %d findings have one, %d have none, %d cost nothing", offered, cured, bare, calm)
	if offered < documents/2 || cured < documents/3 {
		t.Errorf("%d remedies for %d findings in %d documents: the documents are too healthy to prove anything", offered, cured, documents)
	}
}

// undoes reports whether an edit turns a setting the other way than another finding,
// no less grave, puts first.
func undoes(r tuning.Report, found []tuning.Finding, of int, e model.Set) bool {
	mine := directions(r, tuning.Remedy{Edits: []model.Edit{e}})
	return slices.ContainsFunc(found, func(f tuning.Finding) bool {
		if len(f.Remedies) == 0 || f.Severity < found[of].Severity {
			return false
		}
		for ref, turns := range directions(r, f.Remedies[0]) {
			if turns*mine[ref] < 0 {
				return true
			}
		}
		return false
	})
}

// helps is why edits are no remedy of a finding, "" where they are one.
func helps(d model.Document, env *tuning.Env, before tuning.Report, f *tuning.Finding, edits []model.Edit) string {
	for _, e := range edits {
		var err error
		if d, err = d.With(e, env.Catalog); err != nil {
			return err.Error()
		}
	}
	after, err := tuning.Analyze(d, env)
	if err != nil {
		return err.Error()
	}
	after.Findings = slices.DeleteFunc(after.Findings, func(x tuning.Finding) bool {
		return x.Rule == f.Rule && x.Leg == f.Leg && x.Calm() && !f.Calm() // it is told all the same, and costs nothing
	})
	if number(after, f.Rule, f.Leg, tuning.Info) >= number(before, f.Rule, f.Leg, tuning.Info) {
		return "the finding stands"
	}
	for _, x := range after.Findings {
		if x.Rule == f.Rule && x.Leg == f.Leg && x.At[0] == f.At[0] {
			return "the finding stands"
		}
		if x.Severity >= f.Severity && number(after, x.Rule, x.Leg, x.Severity) > number(before, x.Rule, x.Leg, x.Severity) {
			return "it brings " + x.Rule.ID + ", " + x.Severity.String()
		}
	}
	return ""
}

func number(r tuning.Report, rule *tuning.Rule, leg int, from tuning.Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Rule == rule && f.Leg == leg && f.Severity >= from {
			n++
		}
	}
	return n
}

// everyEdit is each permitted setting of a leg with a dense grid of values: the
// ends of its range, powers, what people write, every number of the leg and its
// neighbours, a half of it and its double.
func everyEdit(l *tuning.Leg) []model.Set {
	var times []time.Duration
	for d := time.Millisecond; d < 400*24*time.Hour; d = d * 5 / 4 {
		times = append(times, d)
	}
	for _, s := range []int{1, 2, 3, 4, 5, 6, 7, 10, 12, 15, 20, 25, 30, 40, 45, 50, 54, 55, 59, 60, 61, 65, 70, 75, 80, 90, 100, 115, 120, 150, 180, 240, 300, 330, 350, 400, 600, 900, 1800, 3600, 7200, 86400} {
		times = append(times, time.Duration(s)*time.Second)
	}
	for _, rows := range [][]tuning.Row{l.Client.Rows, l.Server.Rows} {
		for _, row := range rows {
			if d, ok := row.Value.Duration(); ok && d > 0 && d < 400*24*time.Hour {
				times = append(times, d, d/2, 2*d, d-time.Second, d+time.Second, d-time.Millisecond, d+time.Millisecond)
			}
		}
	}
	for _, b := range l.Boxes {
		if d, ok := b.Row.Value.Duration(); ok && d < 400*24*time.Hour {
			times = append(times, d, d/2, 2*d, d-time.Second, d+time.Second)
		}
	}
	slices.Sort(times)
	times = slices.Compact(times)
	var all []model.Set
	add := func(e model.EndpointID, p *model.Param) {
		values := []model.Value{model.ValueOn, model.ValueOff, model.ValueNever, model.ValueUnset}
		if zero, err := p.ParseValue("0"); err == nil && p.Role != model.RoleProbeCount { // no probes end what is alive
			values = append(values, zero)
		}
		low, high := p.Range()
		switch p.Shape() {
		case model.ShapeSpan:
			for _, d := range times {
				values = append(values, model.For(max(d.Truncate(p.Unit.Size()), p.Unit.Size())))
			}
			values = append(values, model.For(max(time.Duration(low), p.Unit.Size())), model.For(min(time.Duration(high), math.MaxInt64/4)))
		case model.ShapeCount:
			for n := int64(1); n < 1<<30; n = n*5/4 + 1 {
				values = append(values, model.Times(n))
			}
			values = append(values, model.Times(max(low, 1)), model.Times(min(high, 1<<30)))
		case model.ShapeSwitch, model.ShapeRate:
		}
		for i, v := range values {
			if p.Check(v) == nil && !slices.Contains(values[:i], v) {
				all = append(all, model.Set{Endpoint: e, Param: p.ID, Setting: model.Typed(v)})
			}
		}
	}
	for _, s := range []*tuning.Side{&l.Client, &l.Server} {
		for _, row := range s.Rows {
			switch p := row.Param; {
			case p.Over != "" && !s.Endpoint.Settings[p.ID].Value.IsSet(): // nobody is sure that this protocol is spoken
			case p.Face != model.FaceHost && s.System.Settable(p, s.Version), p.Face == model.FaceHost && !s.System.Managed && s.Host.Settable(p, s.HostAt):
				add(s.Endpoint.ID, p)
			}
		}
	}
	for _, b := range l.Boxes {
		if b.System.Settable(b.Row.Param, b.Endpoint.VersionOf(b.System)) {
			add(b.Endpoint.ID, b.Row.Param)
		}
	}
	return all
}

// A drawer draws documents from the whole catalog.
type drawer struct {
	catalog                        *model.Catalog
	clients, servers, both, middle []*model.System
}

func newDrawer(t *testing.T, c *model.Catalog) *drawer {
	t.Helper()
	all, err := c.All()
	if err != nil {
		t.Fatal(err)
	}
	w := &drawer{catalog: c}
	for _, s := range all {
		client, server := s.Faces[model.FaceClient] != nil, s.Faces[model.FaceServer] != nil
		switch {
		case s.Middlebox():
			w.middle = append(w.middle, s)
		case client && server:
			w.both = append(w.both, s)
		}
		if client {
			w.clients = append(w.clients, s)
		}
		if server {
			w.servers = append(w.servers, s)
		}
	}
	return w
}

func (w *drawer) document(r *rand.Rand) model.Document {
	for {
		hops := []string{w.hop(r, w.clients)}
		if r.IntN(3) == 0 {
			hops = append(hops, w.hop(r, w.middle))
		}
		if r.IntN(3) == 0 {
			hops = append(hops, w.hop(r, w.both))
		}
		hops = append(hops, w.hop(r, w.servers))
		path, err := model.ParsePath(strings.Join(hops, " > "), w.catalog)
		if err != nil {
			continue // they speak different protocols
		}
		d := model.Document{Path: path}
		for range r.IntN(6) {
			d = w.edit(r, d)
		}
		return d
	}
}

func (w *drawer) hop(r *rand.Rand, from []*model.System) string {
	s := from[r.IntN(len(from))]
	if len(s.Known) > 0 && r.IntN(2) == 0 {
		return string(s.ID) + "@" + string(s.Known[r.IntN(len(s.Known))])
	}
	return string(s.ID)
}

func (w *drawer) edit(r *rand.Rand, d model.Document) model.Document {
	var e model.Edit
	if r.IntN(5) == 0 {
		all := model.AllQuantities()
		q := all[r.IntN(len(all))]
		e = model.SetQuantity{Leg: 0, Quantity: q, Setting: model.Typed(w.value(r, q.Param()))}
	} else {
		at := d.Path.Endpoints[r.IntN(len(d.Path.Endpoints))]
		s, err := w.catalog.System(at.System)
		if err != nil {
			return d
		}
		params := s.Params
		if host, _, err := at.HostOf(w.catalog); err == nil && !s.Middlebox() {
			params = append(slices.Clip(params), host.Params...)
		}
		p := params[r.IntN(len(params))]
		e = model.Set{Endpoint: at.ID, Param: p.ID, Setting: model.Typed(w.value(r, p))}
	}
	if next, err := d.With(e, w.catalog); err == nil {
		return next
	}
	return d
}

func (w *drawer) value(r *rand.Rand, p *model.Param) model.Value {
	switch r.IntN(12) {
	case 0:
		return model.ValueNever
	case 1:
		return model.ValueOff
	}
	switch p.Shape() {
	case model.ShapeSwitch:
		return model.Switch(r.IntN(3) > 0)
	case model.ShapeCount:
		return model.Times(int64(math.Exp(r.Float64() * 8)))
	case model.ShapeRate:
		return model.PerSecond(math.Exp(r.Float64()*8) / 10)
	case model.ShapeSpan:
	}
	d := time.Duration(math.Exp(r.Float64()*16)) * time.Millisecond
	if r.IntN(3) > 0 {
		d = max(d.Truncate(time.Second), time.Second)
	}
	return model.For(d)
}

// settings is what a document sets, a line each.
func settings(d model.Document) string {
	var b strings.Builder
	for _, e := range d.Path.Endpoints {
		for id, s := range e.Settings {
			b.WriteString("  " + string(e.ID) + ":" + string(id) + "=" + s.Value.String() + "\n")
		}
	}
	for i := range d.Path.Legs {
		for q, s := range d.Path.Quantities(i) {
			b.WriteString("  leg " + string(q) + "=" + s.Value.String() + "\n")
		}
	}
	return b.String()
}

// contains reports whether edits do all that others do.
func contains(all, some []model.Edit) bool {
	for _, e := range some {
		if !slices.Contains(all, e) {
			return false
		}
	}
	return true
}

// TestNoRemedyDoesMoreThanNeeded: a switch goes with a time only where the time
// alone does not cure.
func TestNoRemedyDoesMoreThanNeeded(t *testing.T) {
	c := model.Embedded()
	for _, path := range []string{"grpc-client > aws-nlb > grpc-server", "putty > cisco-asa > sshd", "npgsql > azure-lb > postgresql"} {
		p, err := model.ParsePath(path, c)
		if err != nil {
			t.Fatal(err)
		}
		d, env := model.Document{Path: p}, tuning.NewEnv(c, 0)
		r, err := tuning.Analyze(d, env)
		if err != nil {
			t.Fatal(err)
		}
		offered := 0
		for _, f := range tuning.Advise(d, env, r, 0) {
			for at, m := range f.Remedies {
				offered++
				for _, less := range f.Remedies[:at] {
					if contains(m.Edits, less.Edits) {
						t.Errorf("%s: %q does more than %q, which is enough", path, m.Label, less.Label)
					}
				}
				if strings.Contains(m.Label, "do it:") {
					t.Errorf("%s: %q does not say what it does", path, m.Label)
				}
			}
		}
		if offered == 0 {
			t.Errorf("%s: no remedy", path)
		}
	}
}

// What is asked for is not taken away: nginx's pool is brought to work, together with
// what its connections need then.
func TestTheMendedPoolKeepsItsConnections(t *testing.T) {
	c := model.Embedded()
	d, env := document(t, c, "chrome > nginx@1.22.1 > node", "nginx:nginx.upstream.keepalive=16", "nginx:proxy_http_version=off"), tuning.NewEnv(c, 0)
	r, err := tuning.Analyze(d, env)
	if err != nil {
		t.Fatal(err)
	}
	f := fired(tuning.Advised(d, env, r), "EFF-5")
	if f == nil || len(f.Remedies) == 0 {
		t.Fatalf("%+v", f)
	}
	for _, m := range f.Remedies {
		after := d
		for _, e := range m.Edits {
			if after, err = after.With(e, c); err != nil {
				t.Fatal(err)
			}
		}
		r, err := tuning.Analyze(after, env)
		if err != nil {
			t.Fatal(err)
		}
		if l := r.Legs[1].Limit; !l.Reused || l.Verdict != tuning.VerdictOK || fired(r, "EFF-5") != nil {
			t.Errorf("%s: reused %v, %s", m.Label, l.Reused, l.Verdict)
		}
	}
	for i, want := range []string{
		"let nginx reuse connections and node wait longer: proxy_http_version 1.1 on, node keepAliveTimeout 65 s",
		"let nginx reuse connections and give up sooner: proxy_http_version 1.1 on, keepalive_timeout 2 s",
	} {
		if i >= len(f.Remedies) || f.Remedies[i].Label != want {
			t.Errorf("remedy %d is not %q: %+v", i+1, want, f.Remedies)
		}
	}
}
