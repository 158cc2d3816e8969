package model

import (
	"math"
	"strconv"
	"strings"
)

// Figures is a number with so many digits that count, and what stands before its point in
// full: 0.347, 12.3, 86400.
func Figures(v float64, digits int) string {
	text := strconv.FormatFloat(v, 'g', digits, 64)
	if !strings.Contains(text, "e") {
		return text
	}
	if math.Abs(v) < 1 {
		rounded, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return text
		}
		return strconv.FormatFloat(rounded, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}
