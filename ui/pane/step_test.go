package pane

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

func TestStepsLandOnRoundNumbers(t *testing.T) {
	seconds := &model.Param{ID: "x.t", Name: "t", Role: model.RoleIdle, Unit: model.UnitSecond, Zero: model.ZeroOff, Max: 7200}
	millis := &model.Param{ID: "x.m", Name: "m", Role: model.RoleIdle, Unit: model.UnitMillisecond, Zero: model.ZeroLiteral}
	count := &model.Param{ID: "x.c", Name: "c", Role: model.RoleRequests, Unit: model.UnitCount, Zero: model.ZeroNever}
	onoff := &model.Param{ID: "x.s", Name: "s", Role: model.RoleReuse, Unit: model.UnitSwitch, Zero: model.ZeroOff}
	for _, tt := range []struct {
		name       string
		p          *model.Param
		from       model.Value
		up, coarse bool
		want       model.Value
		none       bool
	}{
		{"five seconds", seconds, model.For(5 * time.Second), true, false, model.For(6 * time.Second), false},
		{"ten is a bound", seconds, model.For(10 * time.Second), true, false, model.For(15 * time.Second), false},
		{"back over the bound", seconds, model.For(10 * time.Second), false, false, model.For(9 * time.Second), false},
		{"onto the grid", seconds, model.For(17 * time.Second), true, false, model.For(20 * time.Second), false},
		{"down onto the grid", seconds, model.For(17 * time.Second), false, false, model.For(15 * time.Second), false},
		{"coarse", seconds, model.For(60 * time.Second), true, true, model.For(2 * time.Minute), false},
		{"coarse down", seconds, model.For(time.Minute), false, true, model.For(45 * time.Second), false},
		{"not past the end", seconds, model.For(2 * time.Hour), true, false, model.Value{}, true},
		{"not to a zero that means something else", seconds, model.For(time.Second), false, false, model.Value{}, true},
		{"from off", seconds, model.ValueOff, true, false, model.For(time.Second), false},
		{"below a second", millis, model.For(time.Second), false, false, model.For(900 * time.Millisecond), false},
		{"without end", seconds, model.ValueNever, true, false, model.Value{}, true},
		{"a hundred requests", count, model.Times(100), true, false, model.Times(150), false},
		{"nine", count, model.Times(9), true, false, model.Times(10), false},
		{"one", count, model.Times(1), false, false, model.Value{}, true},
		{"a switch", onoff, model.ValueOff, true, false, model.ValueOn, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := stepped(&tuning.Row{Param: tt.p, Value: tt.from}, tt.up, tt.coarse)
			if ok == tt.none || ok && got != tt.want {
				t.Errorf("from %s: %s, %v; want %s, %v", tt.from, got, ok, tt.want, !tt.none)
			}
		})
	}
}
