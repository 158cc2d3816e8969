package livetest_test

import (
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// What steps mean is said in one sentence, and nothing narrow of what is not known.
func TestTicksInWords(t *testing.T) {
	low, high := 9*time.Second, 11200*time.Millisecond
	for want, ticks := range map[string]*livetest.Ticks{
		"": nil,
		"it looks at its clock every 4 s: an end may come after 7.09 to 13.14 s":                                                                                                          {Moments: 2, Step: 4 * time.Second, Found: true},
		"it looks at its clock every 12 s at most, or a whole part of that: an end may come after 0 to 21.14 s":                                                                           {Moments: 2, Step: 12 * time.Second},
		"all ended at one moment, although they began 857 ms apart: it looks at its clock in steps longer than that, and an end may come up to a whole step earlier or later than 9 s":    {Moments: 1, Spread: 857 * time.Millisecond},
		"those that began up to 600 ms apart ended at 3 moments: it looks at its clock in steps that these do not tell, and an end may come up to a whole step earlier or later than 9 s": {Moments: 3, Spread: 600 * time.Millisecond},
	} {
		if got := (livetest.Idle{Low: &low, High: &high, Ticks: ticks}).TicksText(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
