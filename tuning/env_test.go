package tuning_test

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning"
)

// What an environment remembers changes nothing: after any row of edits, on a
// path whose hops move, a report is the one of a new environment.
func TestRememberingChangesNothing(t *testing.T) {
	c := model.Embedded()
	lawcheck.Check(t, func(t *rapid.T) {
		path, err := model.ParsePath("chrome > nginx > conntrack > haproxy > node", c)
		if err != nil {
			t.Fatal(err)
		}
		d, env := model.Document{Path: path}, tuning.NewEnv(c, 0)
		for range rapid.IntRange(1, 8).Draw(t, "edits") {
			if next, err := d.With(drawEdit(t, d, c), c); err == nil {
				d = next
			}
			got, err := tuning.Analyze(d, env)
			if err != nil {
				t.Fatal(err)
			}
			if want := analyze(t, d, c); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: remembered\n%+v\nanew\n%+v", d.Path, got, want)
			}
		}
	})
}

func drawEdit(t *rapid.T, d model.Document, c *model.Catalog) model.Edit {
	place := rapid.IntRange(1, max(len(d.Path.Endpoints)-2, 1)).Draw(t, "place")
	switch rapid.SampledFrom([]string{"set", "set", "set", "leg", "choose", "insert", "remove", "move"}).Draw(t, "kind") {
	case "leg":
		return model.SetQuantity{Leg: place - 1, Quantity: model.QuantityRTT, Setting: model.Typed(drawValue(t, model.QuantityRTT.Param()))}
	case "choose":
		return model.Choose{Index: place, Endpoint: model.Endpoint{System: "apache", Version: "2.4.66"}}
	case "insert":
		return model.Insert{Index: place, Endpoint: model.Endpoint{System: "aws-nlb"}}
	case "remove":
		return model.Remove{Index: place}
	case "move":
		return model.Move{Index: place}
	}
	e := rapid.SampledFrom(d.Path.Endpoints).Draw(t, "endpoint")
	s, err := c.System(e.System)
	if err != nil {
		t.Fatal(err)
	}
	params := s.Params
	if host, _, err := e.HostOf(c); err == nil && !s.Middlebox() {
		params = append(slices.Clip(params), host.Params...)
	}
	p := rapid.SampledFrom(params).Draw(t, "param")
	return model.Set{Endpoint: e.ID, Param: p.ID, Setting: model.Typed(drawValue(t, p))}
}
