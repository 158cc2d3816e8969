package explain_test

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/explain"
)

func TestObserve(t *testing.T) {
	const s, m, h = time.Second, time.Minute, time.Hour
	for _, c := range []struct {
		text string
		want [][2]time.Duration
	}{
		{"hangs for 7875 s", [][2]time.Duration{{7875 * s, 7875 * s}}},
		{"7875", [][2]time.Duration{{7875 * s, 7875 * s}}},
		{"dies after exactly 350 s", [][2]time.Duration{{350 * s, 350 * s}}},
		{"15 m 40 s", [][2]time.Duration{{15*m + 40*s, 15*m + 40*s}}},
		{"15m40s", [][2]time.Duration{{15*m + 40*s, 15*m + 40*s}}},
		{"2 hours, 11 minutes and 15 seconds", [][2]time.Duration{{7875 * s, 7875 * s}}},
		{"00:02:07", [][2]time.Duration{{127 * s, 127 * s}}},
		{"session 3 ended after 00:02:07", [][2]time.Duration{{127 * s, 127 * s}}},
		{"2018/11/16 15:32:26 [ERROR] write: use of closed network connection", nil},
		{"2018-10-03 15:19:21.186 GMT [18023]: LOG: closed after 20 s", [][2]time.Duration{{20 * s, 20 * s}}},
		{"2026-11-20T10:01:02.003Z closed", nil},
		{"16.11.2018 15:32:26 closed", nil},
		{"[Wed Aug 01 13:46:44.652656 2018] closed", nil},
		{"Nov  3, 2024 06:09:29 closed after 00:00:05", [][2]time.Duration{{5 * s, 5 * s}}},
		{"3 Nov 2024 06:09:29: closed", nil},
		{"5 s, now and then 6", [][2]time.Duration{{5 * s, 6 * s}}},
		{"5 to 6 s", [][2]time.Duration{{5 * s, 6 * s}}},
		{"5-6 seconds", [][2]time.Duration{{5 * s, 6 * s}}},
		{"between 90 s and 2 min", [][2]time.Duration{{90 * s, 120 * s}}},
		{"1.5 min", [][2]time.Duration{{90 * s, 90 * s}}},
		{"18,9 s", [][2]time.Duration{{18900 * time.Millisecond, 18900 * time.Millisecond}}},
		{"60000ms", [][2]time.Duration{{m, m}}},
		{"a 5-minute outage", [][2]time.Duration{{5 * m, 5 * m}}},
		{"60 s idle, then it hangs 15 min", [][2]time.Duration{{m, m}, {15 * m, 15 * m}}},
		{"nginx 1.18 answers 502 after 60s", [][2]time.Duration{{m, m}}},
		{"2 h", [][2]time.Duration{{2 * h, 2 * h}}},
		// No times.
		{"error 502", nil},
		{"port 8080 on 10.0.0.5:443", nil},
		{"0 s", nil},
		{"version 10.15.3", nil},
		{"5 servers and 3 minstrels", nil},
		{"", nil},
		{strings.Repeat("9", 40) + " s", nil},
		{"\x1b[31m\xff", nil},
	} {
		got := explain.Observe(c.text)
		if len(got) != len(c.want) {
			t.Errorf("%q has the times %v, want %v", c.text, got, c.want)
			continue
		}
		for i, o := range got {
			if o.Low != c.want[i][0] || o.High != c.want[i][1] {
				t.Errorf("%q: %v to %v, want %v", c.text, o.Low, o.High, c.want[i])
			}
		}
	}
}

func TestObservePrecision(t *testing.T) {
	for _, c := range []struct {
		text           string
		digit          time.Duration
		about, exactly bool
	}{
		{"exactly 350 s", time.Second, false, true},
		{"about 350 s", time.Second, true, false},
		{"18.9 s", 100 * time.Millisecond, false, false},
		{"15 min", time.Minute, true, false},
		{"exactly 15 min", time.Minute, false, true},
		{"15 m 40 s", time.Second, false, false},
	} {
		o := explain.Observe(c.text)[0]
		if o.Digit != c.digit || o.About != c.about || o.Exactly != c.exactly {
			t.Errorf("%q: digit %v about %v exactly %v", c.text, o.Digit, o.About, o.Exactly)
		}
	}
}

func FuzzObserve(f *testing.F) {
	f.Add("5 s, now and then 6")
	f.Add("00:02:07 15 m 40 s")
	f.Fuzz(func(t *testing.T, text string) {
		for _, o := range explain.Observe(text) {
			if o.Low <= 0 || o.Low > o.High || o.Digit <= 0 {
				t.Errorf("%q: %+v", text, o)
			}
		}
		explain.ReadLog(text)
	})
}
