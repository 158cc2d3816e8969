package model_test

import (
	"testing"

	"example.com/keeptune/model"
)

func TestEmbeddedCatalogLoads(t *testing.T) {
	all, err := model.Embedded().All()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no system is embedded")
	}
	for _, s := range all {
		for _, p := range s.Params {
			for _, at := range p.Defaults {
				for _, d := range at.Fact {
					if d.Value.Kind == model.Span || d.Value.Kind == model.Count {
						if err := p.Check(d.Value); err != nil {
							t.Errorf("%s since %s: %v", p.ID, at.Since, err)
						}
					}
				}
			}
			if len(p.Defaults) == 0 {
				t.Errorf("%s has no default, not even an unknown one", p.ID)
			}
		}
	}
}
