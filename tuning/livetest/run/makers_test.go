package run

import (
	"testing"

	"example.com/keeptune/tuning/livetest"
)

// Each measurement is made, by the kind of maker that it needs.
func TestMakers(t *testing.T) {
	t.Parallel()
	made := map[livetest.Measurement]int{}
	for _, m := range makers {
		made[m.of]++
		if silent := m.of.Silent(); silent != (m.watch != nil) || silent == (m.do != nil) {
			t.Errorf("%s: silent %v, watched %v, done %v", m.of, silent, m.watch != nil, m.do != nil)
		}
	}
	for _, m := range livetest.AllMeasurements() {
		if made[m] != 1 {
			t.Errorf("%s has %d makers, want 1", m, made[m])
		}
	}
	if len(made) != len(livetest.AllMeasurements()) {
		t.Errorf("%v has makers of what is no measurement", made)
	}
}
