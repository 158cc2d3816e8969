package tuning_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning"
)

var (
	clients = []string{"ie@11", "chrome", "curl", "go-client", "node", "nginx", "apache", "haproxy", "curl/windows@xp", "chrome/macos"}
	servers = []string{"apache", "nginx@1.22.1", "haproxy@2.6.12", "haproxy", "node@20.20.2", "node@18.20.8", "go-server", "iis@1.0", "iis@10"}
)

// drawPath draws two ends of the catalog, with settings at random.
func drawPath(t *rapid.T, c *model.Catalog) model.Document {
	p, err := model.ParsePath(rapid.SampledFrom(clients).Draw(t, "client")+" > "+rapid.SampledFrom(servers).Draw(t, "server"), c)
	if err != nil {
		t.Fatal(err)
	}
	d := model.Document{Path: p}
	for range rapid.IntRange(0, 6).Draw(t, "edits") {
		leg := analyze(t, d, c).Legs[0]
		side := rapid.SampledFrom([]tuning.Side{leg.Client, leg.Server}).Draw(t, "side")
		row := rapid.SampledFrom(side.Rows).Draw(t, "row")
		if next, err := d.With(model.Set{Endpoint: side.Endpoint.ID, Param: row.Param.ID, Setting: model.Typed(drawValue(t, row.Param))}, c); err == nil {
			d = next
		}
	}
	return d
}

func drawValue(t *rapid.T, p *model.Param) model.Value {
	switch p.Shape() {
	case model.ShapeSwitch:
		return model.Switch(rapid.Bool().Draw(t, "on"))
	case model.ShapeCount:
		return model.Times(int64(rapid.IntRange(0, 300).Draw(t, "count")))
	case model.ShapeSpan, model.ShapeRate:
	}
	return model.For(time.Duration(rapid.IntRange(0, 400_000).Draw(t, "ms")) * time.Millisecond)
}

func analyze(t *rapid.T, d model.Document, c *model.Catalog) tuning.Report {
	r, err := tuning.Analyze(d, tuning.NewEnv(c, 0))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnalysisIsTotal(t *testing.T) {
	c := model.Embedded()
	lawcheck.Check(t, func(t *rapid.T) {
		d := drawPath(t, c)
		l := analyze(t, d, c).Legs[0]
		if l.Limit.Verdict != tuning.VerdictUnknown && l.Limit.Idle > l.Limit.High {
			t.Fatalf("%s: the limit goes from %v to %v", d.Path, l.Limit.Idle, l.Limit.High)
		}
		if l.Limit.Verdict != tuning.VerdictUnbounded && l.Limit.By == "" {
			t.Fatalf("%s: %s, but nothing causes it", d.Path, l.Limit.Verdict)
		}
		if len(l.Limit.Because) == 0 {
			t.Fatalf("%s: no reason is given", d.Path)
		}
		for _, s := range []tuning.States{l.Detection.Client, l.Detection.Server} {
			if s.Idle.Low > s.Idle.High || s.InFlight.Low > s.InFlight.High {
				t.Fatalf("%s: low above high: %+v", d.Path, s)
			}
		}
	})
}

// TestLongerLimits: raising one idle limit from a finite value to a larger one
// never shortens the leg's limit, and a more patient server never turns ok
// into a race. A hint is left out: raising what it advertises may do that.
func TestLongerLimits(t *testing.T) {
	c := model.Embedded()
	lawcheck.Check(t, func(t *rapid.T) {
		d := drawPath(t, c)
		before := analyze(t, d, c).Legs[0]
		side := before.Client
		if rapid.Bool().Draw(t, "raise the server's") {
			side = before.Server
		}
		row := side.First(model.RoleIdle)
		if row == nil {
			return
		}
		was, ok := row.Value.Duration()
		if !ok || was == 0 || was == model.Never {
			return
		}
		raised := model.For(was + time.Duration(rapid.IntRange(1, 500_000).Draw(t, "more"))*time.Millisecond)
		next, err := d.With(model.Set{Endpoint: side.Endpoint.ID, Param: row.Param.ID, Setting: model.Typed(raised)}, c)
		if err != nil {
			return
		}
		after := analyze(t, next, c).Legs[0]
		if hinted(before) || hinted(after) {
			return
		}
		if after.Limit.Idle < before.Limit.Idle {
			t.Fatalf("%s: %s to %v shortened the limit from %v to %v", d.Path, row.Param.ID, raised, before.Limit.Idle, after.Limit.Idle)
		}
		if side.Face.Kind == model.FaceServer && before.Limit.Verdict == tuning.VerdictOK && after.Limit.Verdict == tuning.VerdictRace {
			t.Fatalf("%s: %s to %v turned ok into a race", d.Path, row.Param.ID, raised)
		}
	})
}

// hinted reports whether a hint of the server is one of the client's limiters.
func hinted(l tuning.Leg) bool {
	for _, x := range l.Limit.All {
		if x.By == tuning.ByClient && l.Server.Row(x.Ref.Param) != nil {
			return true
		}
	}
	return false
}

// TestAMiddleboxNeverLengthens: what stands between two ends can only shorten.
func TestAMiddleboxNeverLengthens(t *testing.T) {
	c := model.Embedded()
	var boxes []model.SystemID
	all, err := c.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Middlebox() {
			boxes = append(boxes, s.ID)
		}
	}
	if len(boxes) == 0 {
		t.Fatal("the catalog has no middlebox")
	}
	lawcheck.Check(t, func(t *rapid.T) {
		d := drawPath(t, c)
		before := analyze(t, d, c).Legs[0].Limit
		box, err := model.ParseEndpoint(string(rapid.SampledFrom(boxes).Draw(t, "box")), c)
		if err != nil {
			t.Fatal(err)
		}
		next, err := d.With(model.Insert{Index: 1, Endpoint: box}, c)
		if err != nil {
			t.Fatal(err)
		}
		after := analyze(t, next, c).Legs[0].Limit
		if after.Verdict != tuning.VerdictUnknown && after.Idle > before.Idle {
			t.Fatalf("%s: %v became %v behind %s", d.Path, before.Idle, after.Idle, box.ID)
		}
	})
}

func BenchmarkAnalyzeLeg(b *testing.B) {
	c := model.Embedded()
	p, err := model.ParsePath("ie@11 > apache", c)
	if err != nil {
		b.Fatal(err)
	}
	d, env := model.Document{Path: p}, tuning.NewEnv(c, 0)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		next, err := d.With(model.Set{Endpoint: "apache", Param: "apache.KeepAliveTimeout", Setting: model.Typed(model.For(time.Duration(1+n%300) * time.Second))}, c)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tuning.Analyze(next, env); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzAnalyze(f *testing.F) {
	c := model.Embedded()
	f.Add([]byte("schema = \"keeptune.session/1\"\n[[endpoint]]\nsystem = \"ie@11\"\n[[endpoint]]\nsystem = \"conntrack\"\n[[endpoint]]\nsystem = \"apache\"\n[[leg]]\nleg = 1\n[[leg.setting]]\nparam = \"rate\"\nvalue = \"0.5\"\norigin = \"typed\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := model.DecodeDocument("f", data, c)
		if err != nil {
			return
		}
		r, err := tuning.Analyze(d, tuning.NewEnv(c, 0))
		if err != nil {
			t.Fatalf("a document that was read cannot be analyzed: %v", err)
		}
		for _, l := range r.Legs {
			if l.Limit.Verdict == "" || len(l.Limit.Because) == 0 {
				t.Fatalf("a leg without a verdict or a reason: %+v", l.Limit)
			}
		}
	})
}
