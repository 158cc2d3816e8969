package livetest_test

import (
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

func TestParseKeepAlive(t *testing.T) {
	for text, want := range map[string]livetest.SocketOptions{
		"off":       {},
		"on":        {KeepAlive: true},
		"60":        {KeepAlive: true, Idle: time.Minute},
		"60s/10s":   {KeepAlive: true, Idle: time.Minute, Interval: 10 * time.Second},
		"1m/10s/ 6": {KeepAlive: true, Idle: time.Minute, Interval: 10 * time.Second, Count: 6},
	} {
		if got, err := livetest.ParseKeepAlive(text); err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "soon", "60s/10s/6/1", "60s/10s/many", "60s/10s/128", "500ms", "40000s"} {
		if got, err := livetest.ParseKeepAlive(text); err == nil {
			t.Errorf("%q is taken as %+v", text, got)
		}
	}
}
