package model_test

import (
	"testing"

	"example.com/keeptune/model"
)

// No number is written with an exponent, and none with more digits than count.
func TestFigures(t *testing.T) {
	for _, tt := range []struct {
		v      float64
		digits int
		want   string
	}{
		{0, 3, "0"},
		{0.34712, 3, "0.347"},
		{12.34, 3, "12.3"},
		{999.4, 3, "999"},
		{999.7, 3, "1000"},
		{172800, 3, "172800"},
		{100, 2, "100"},
		{99.6, 2, "100"},
		{0.0000123, 2, "0.000012"},
		{12345.6, 4, "12346"},
	} {
		if got := model.Figures(tt.v, tt.digits); got != tt.want {
			t.Errorf("%v in %d digits is %s, not %s", tt.v, tt.digits, got, tt.want)
		}
	}
}
