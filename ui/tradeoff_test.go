package ui

import (
	"fmt"
	"testing"
)

func TestTheTradeOffSetsAValue(t *testing.T) {
	d := sit(t, "chrome > apache@2.4.66", 80, 24)
	d.press("o").shows("apache KeepAliveTimeout, now 5 s", "value limit verdict margin held idle reconnects dead peer max race", "> 5 s now 5s RETRIED", "arrivals? rate?", "held idle: give arrivals")
	d.press("j").press("Enter").shows("> 10 s now 10s RETRIED").press("1").shows(">KeepAliveTimeout 10 s*typed")
	if undo, _ := d.app.s.Depth(); undo != 1 {
		t.Errorf("Enter made %d steps, want 1", undo)
	}
	d.press("u").shows("KeepAliveTimeout 5 s default")
	d.press(":", "set leg1:arrivals=41", "Enter", ":", "set leg1:rate=0.2", "Enter", ":", "set server:KeepAliveTimeout=15", "Enter", "6")
	d.shows("> 15 s now 15s RETRIED -285s 615 ").press("g").shows("> 1 s 1s RETRIED -299s 41 ").press("o").shows("[1 tune]")
	d.press("k", "k", "k", "k", "k", "k", "o").shows("the trade-off is shown for a time")
}

func TestTradeOffOfAMiddlebox(t *testing.T) {
	d := sit(t, "putty > firewall > sshd", 120, 40)
	d.press("h", "g").shows(">firewall idle_timeout").press("o").shows("firewall idle_timeout, now unknown", "350 s")
}

func TestTradeOffGoldens(t *testing.T) {
	for _, size := range []struct{ w, h int }{{40, 12}, {80, 24}, {120, 40}} {
		for name, set := range map[string]func(*Config){"ascii": ascii, "unicode": unicode} {
			d := sitWith(t, frozen(), "chrome > apache@2.4.66", size.w, size.h, set)
			d.press(":", "set leg1:arrivals=41", "Enter", "l", "g", "j", "6", "j", "j")
			golden(t, fmt.Sprintf("tradeoff-%dx%d-%s", size.w, size.h, name), d.screen())
		}
	}
}

// Both client timers of Internet Explorer and a middlebox stand on the axis.
func TestTheAxisNumbersSecondTimers(t *testing.T) {
	d := sit(t, "ie@11 > aws-nat-gateway > apache", 80, 24)
	d.shows("SL---|--------|----C----C2-----|M--")
}
