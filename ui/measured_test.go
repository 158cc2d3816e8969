package ui

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

func TestMeasuredValueIsTheOneThatWasMeant(t *testing.T) {
	seconds := &tuning.Row{Param: &model.Param{Unit: model.UnitSecond}}
	millis := &tuning.Row{Param: &model.Param{Unit: model.UnitMillisecond}}
	for _, tt := range []struct {
		name           string
		row            *tuning.Row
		closed, offset time.Duration
		want           time.Duration
	}{
		{"a late timer", seconds, 75074 * time.Millisecond, 0, 75 * time.Second},
		{"an early one", seconds, 4981 * time.Millisecond, 0, 5 * time.Second},
		{"what the server adds is taken off", millis, 6011 * time.Millisecond, time.Second, 5 * time.Second},
		{"half a second is meant", millis, 2503 * time.Millisecond, 0, 2503 * time.Millisecond},
		{"and kept where the unit is too coarse", seconds, 2503 * time.Millisecond, 0, 2500 * time.Millisecond},
		{"short", millis, 210 * time.Millisecond, 0, 210 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := measured(tt.closed, tt.row, tt.offset); got != tt.want {
				t.Errorf("%v becomes %v, want %v", tt.closed, got, tt.want)
			}
		})
	}
}
