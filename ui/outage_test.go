package ui

import "testing"

// The answer about quiet periods stands on the firewall's timer, so that = gives
// the real one.
func TestTheAssumedFirewallIsEdited(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 24, func(c *Config) { c.Welcome = true })
	d.press("3", "=", "Ctrl+u", "10m", "Enter").shows("firewall 10m", ">firewall idle_timeout 10 m*typed").press("f").
		shows("> let putty send signs of life in time: PingIntervalSecs 180 s", "UNBOUNDED, held open by putty PingIntervalSecs", "held open by putty KeepAliveTime")
}

func TestAnOutageIsAnswered(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 24, func(c *Config) { c.Welcome = true })
	d.shows("4 sessions die in short outages, even while typing").press("4")
	d.shows("[putty] ==> sshd", "OUTAGE of 60 s busy ends at 18.9 s | quiet survived", "one minute's outage is assumed")
	d.press("f").shows("let the host of putty try for longer: TcpMaxDataRetransmissions 8",
		"costs: putty notices a dead peer with data in flight after 153.3 s,", "not 18.9 s; it holds for every program on the host of putty", "takes a reboot", "KA-7 gone")
	d.press("Enter").shows("OUTAGE of 60 s busy survived | quiet survived").press("u")
	d.press(":", "set leg1:outage=9s", "Enter").shows("OUTAGE of 9 s busy survived | quiet survived")
	d.press("d").lacks("OUTAGE").press("u")
	d.press(":", "set leg1:outage=soon", "Enter").shows("! ", "outage")
}

// On a small screen the rest of a long choice is reached with the arrows.
func TestALongChoiceScrolls(t *testing.T) {
	d := sit(t, "chrome > nginx", 40, 12, func(c *Config) { c.Welcome = true })
	d.press("4", "f").lacks("reboot")
	for range 12 {
		d.press("j")
	}
	d.shows("reboot").press("k").shows("Enter do it")
	for range 12 {
		d.press("k")
	}
	d.shows("an outage that is to be survived").press("Enter")
	if undo, _ := d.app.s.Depth(); undo == 0 {
		t.Error("Enter did nothing")
	}
}
