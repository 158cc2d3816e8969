package model_test

import (
	"testing"

	"example.com/keeptune/model"
)

func TestPlaceAmongVersionsThatWereRun(t *testing.T) {
	p := &model.Proof{Version: "1.22.1", Also: []model.Version{"1.26.3", "1.30.6"}}
	for v, want := range map[model.Version]string{
		"1.22":   "1.22 is older than all that were run; 1.22.1 is the oldest",
		"1.22.1": "1.22.1 was run",
		"1.22.2": "1.22.2 is between two that were run, 1.22.1 and 1.26.3",
		"1.26.3": "1.26.3 was run",
		"1.30.5": "1.30.5 is between two that were run, 1.26.3 and 1.30.6",
		"1.30.6": "1.30.6 was run",
		"1.30.7": "1.30.7 is later than all that were run; 1.30.6 is the newest",
	} {
		if got := p.Place(nil, v); got != want {
			t.Errorf("%s: %q, want %q", v, got, want)
		}
	}
	one := &model.Proof{Version: "1"}
	if got := one.Place(nil, "2") + (*model.Proof)(nil).Place(nil, "2"); got != "" {
		t.Errorf("of a single version it says %q", got)
	}
}
