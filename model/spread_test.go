package model_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
)

func TestSpreadInWholeSteps(t *testing.T) {
	const sec = time.Second
	s := model.Spread{Low: -4 * sec, Step: 4 * sec, Up: true}
	for set, want := range map[time.Duration][2]time.Duration{
		sec: {0, 4 * sec}, 4 * sec: {0, 4 * sec}, 5 * sec: {4 * sec, 8 * sec}, 8 * sec: {4 * sec, 8 * sec},
		9 * sec: {8 * sec, 12 * sec}, 10 * sec: {8 * sec, 12 * sec},
	} {
		if low, high := s.Around(set); low != want[0] || high != want[1] {
			t.Errorf("%s is %s to %s, want %v", set, low, high, want)
		}
	}
	if got, want := s.Human(), "-4 s to +0 s of the time in whole 4 s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s.Up = false
	if low, high := s.Around(9 * sec); low != 5*sec || high != 9*sec {
		t.Errorf("not rounded up: %s to %s", low, high)
	}
}
