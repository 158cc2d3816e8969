package tuning_test

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// longPath is a path of n hops that alternates proxies and middleboxes.
func longPath(b *testing.B, c *model.Catalog, n int) model.Document {
	b.Helper()
	hops := []string{"chrome"}
	for len(hops) < n-1 {
		hops = append(hops, []string{"aws-alb", "aws-nat-gateway", "nginx@1.30.0", "haproxy@3.2", "conntrack", "apache@2.4.66"}[len(hops)%6])
	}
	p, err := model.ParsePath(strings.Join(append(hops, "node@22.19"), " > "), c)
	if err != nil {
		b.Fatal(err)
	}
	return model.Document{Path: p}
}

func analyzeOften(b *testing.B, hops int, cold bool) {
	c := model.Embedded()
	d, env := longPath(b, c, hops), tuning.NewEnv(c, 0)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		next, err := d.With(model.Set{Endpoint: "server", Param: "node.keepAliveTimeout", Setting: model.Typed(model.For(time.Duration(1+n%600) * time.Second))}, c)
		if err != nil {
			b.Fatal(err)
		}
		if cold {
			env = tuning.NewEnv(c, 0)
		}
		if _, err := tuning.Analyze(next, env); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAnalyzePath10(b *testing.B)      { analyzeOften(b, 10, false) }
func BenchmarkAnalyzePath10Cold(b *testing.B)  { analyzeOften(b, 10, true) }
func BenchmarkAnalyzePath100Cold(b *testing.B) { analyzeOften(b, 100, true) }

// What the remedies of a leg's findings cost, each time from nothing.
func BenchmarkAdvise(b *testing.B) {
	c := model.Embedded()
	p, err := model.ParsePath("chrome > aws-alb > nginx@1.30.0 > node@22", c)
	if err != nil {
		b.Fatal(err)
	}
	d := model.Document{Path: p}
	b.ReportAllocs()
	for b.Loop() {
		env := tuning.NewEnv(c, 0)
		r, err := tuning.Analyze(d, env)
		if err != nil {
			b.Fatal(err)
		}
		tuning.Advised(d, env, r)
	}
}
