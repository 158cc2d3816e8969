package census_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/tuning/census"
)

func TestChangesThatLinuxTakes(t *testing.T) {
	for _, c := range []struct {
		change census.Change
		want   string // of the error, "" for none
	}{
		{census.Change{}, "nothing is to be changed; say --keepalive on"},
		{census.Change{KeepAlive: new(false)}, ""},
		{census.Change{Idle: new(999 * time.Millisecond)}, "the idle time is 999 ms; a socket takes 1 s to 32767 s"},
		{census.Change{Idle: new(time.Second)}, ""},
		{census.Change{Idle: new(1500 * time.Millisecond)}, "the idle time is 1.5 s; a socket takes whole seconds"},
		{census.Change{Idle: new(32767 * time.Second)}, ""},
		{census.Change{Idle: new(32768 * time.Second)}, "a socket takes 1 s to 32767 s"},
		{census.Change{Every: new(32768 * time.Second)}, "the interval is"},
		{census.Change{Count: new(0)}, "the count is 0; a socket takes 1 to 127 probes"},
		{census.Change{Count: new(1)}, ""},
		{census.Change{Count: new(127)}, ""},
		{census.Change{Count: new(128)}, "the count is 128"},
		{census.Change{UserTimeout: new(-time.Millisecond)}, "the user timeout is"},
		{census.Change{UserTimeout: new(time.Duration(0))}, ""},
		{census.Change{UserTimeout: new(2147483647 * time.Millisecond)}, ""},
		{census.Change{UserTimeout: new(2147483648 * time.Millisecond)}, "it goes from 0, which is none, to 2147483647 ms"},
		{census.Change{UserTimeout: new(time.Microsecond)}, "whole milliseconds"},
	} {
		err := c.change.Check()
		if got := ""; err != nil || c.want != "" {
			if err != nil {
				got = err.Error()
			}
			if c.want == "" || !strings.Contains(got, c.want) {
				t.Errorf("%s: %q, not %q", c.change, got, c.want)
			}
		}
	}
}

// A change, and back: of what the change sets alone, and not where it was set since.
func TestChangeAndBack(t *testing.T) {
	was := census.Options{Idle: 7200 * time.Second, Every: 75 * time.Second, Count: 9}
	change := census.Change{KeepAlive: new(true), Idle: new(60 * time.Second), Count: new(9)}
	now := change.Applied(was)
	if want := (census.Options{KeepAlive: true, Idle: 60 * time.Second, Every: 75 * time.Second, Count: 9}); now != want {
		t.Fatalf("%+v", now)
	}
	needed := change.Needed(was)
	if want := (census.Change{KeepAlive: new(true), Idle: new(60 * time.Second)}); !cmp.Equal(needed, want) {
		t.Fatalf("needed: %s", needed)
	}
	if n := change.Needed(now); n != (census.Change{}) {
		t.Errorf("needed once more: %s", n)
	}
	back := needed.Back(was)
	if back.Count != nil || back.Applied(now) != was {
		t.Errorf("back: %s", back)
	}
	now.Idle = 61 * time.Second // somebody else's
	if s := needed.Stands(now, back); s.Idle != nil || s.KeepAlive == nil || *s.KeepAlive {
		t.Errorf("of ours stands: %s", s)
	}
}

func TestOptionsInWords(t *testing.T) {
	o := census.Options{Idle: 60 * time.Second, Every: 10 * time.Second, Count: 5}
	if o.String() != "off" {
		t.Error(o)
	}
	o.KeepAlive, o.UserTimeout = true, 90*time.Second
	if o.String() != "60/10/5, user timeout 90 s" {
		t.Error(o)
	}
	c := census.Change{KeepAlive: new(false), Every: new(10 * time.Second), UserTimeout: new(1500 * time.Millisecond)}
	if c.String() != "--keepalive off --interval 10s --user-timeout 1500ms" {
		t.Error(c)
	}
	m := census.NewSummary(census.Filter{})
	for i := range 5 {
		row := census.Socket{State: census.Established, Sent: 1, Received: 1, Options: &census.Options{Count: 1 + i%2}}
		m.Add(&row)
	}
	m.Add(&census.Socket{State: census.Listen, Options: &o})
	if got := m.EffectiveOptions(); len(got) != 2 || got[0].Count != 1 || m.Effective[got[0]] != 3 {
		t.Errorf("in force: %v, %v", got, m.Effective)
	}
}

func TestProbesAtOnce(t *testing.T) {
	on := census.Options{KeepAlive: true, Idle: 300 * time.Second, Every: time.Second, Count: 9}
	off := on
	off.KeepAlive = false
	for _, c := range []struct {
		change census.Change
		was    census.Options
		silent time.Duration
		want   bool
	}{
		{census.Change{Idle: new(60 * time.Second)}, on, 60 * time.Second, true},
		{census.Change{Idle: new(60 * time.Second)}, on, 60*time.Second - 1, false},
		{census.Change{Idle: new(60 * time.Second), KeepAlive: new(true)}, on, time.Hour, true},
		{census.Change{Idle: new(60 * time.Second), KeepAlive: new(false)}, on, time.Hour, false},
		{census.Change{Idle: new(60 * time.Second), KeepAlive: new(true)}, off, time.Hour, false},
		{census.Change{Idle: new(300 * time.Second)}, on, time.Hour, false},
		{census.Change{Every: new(time.Second)}, on, time.Hour, false},
	} {
		if got := c.change.ProbesAtOnce(c.was, c.silent); got != c.want {
			t.Errorf("%s on %s after %s: %v", c.change, c.was, c.silent, got)
		}
	}
	if w := on.Words(); w != "probes after 300 s, then every 1 s, 9 at most" {
		t.Error(w)
	}
	if w := off.Words(); w != "no probes" {
		t.Error(w)
	}
}

func TestTypedChanges(t *testing.T) {
	for text, want := range map[string]string{
		"60s 10s 5":       "--keepalive on --idle 60s --interval 10s --count 5",
		" 1m 10 5  90s ":  "--keepalive on --idle 60s --interval 10s --count 5 --user-timeout 90000ms",
		"OFF":             "--keepalive off",
		"":                "write idle time, interval and count, such as 60s 10s 5, or off",
		"60s 10s":         "write idle time, interval and count",
		"60s 10s 5 90s 1": "write idle time, interval and count",
		"60s 10s five":    `the count "five" is no number`,
		"60s 10s 128":     "the count is 128; a socket takes 1 to 127 probes",
		"0 10s 5":         "the idle time is 0 s",
		"off 10s 5":       "off",
	} {
		c, err := census.ParseChange(text)
		got := c.String()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q gives %q, not %q", text, got, want)
		}
	}
}
