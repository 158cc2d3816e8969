package ui

import (
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/tuning/livetest"
)

// The first tuning session, by keyboard alone.
func TestFirstSession(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 24, aimed, func(c *Config) { c.Welcome = true })
	d.shows("What brings you here?").press("Esc").lacks("What brings you here?")

	d.press("c").shows("which client?").press("ie").shows("> ie").press("Enter").shows("which version of Internet Explorer?", "> 11")
	d.press("Enter").shows("CLIENT Internet Explorer 11, Windows 10")
	d.press("s").shows("which server?").press("apache").press("Enter").shows("which version of Apache httpd?")
	d.press("Enter").shows("SERVER Apache httpd 2.4.66, Linux")
	states := []string{
		"LIMIT 5 s apache KeepAliveTimeout server closes first RACE margin -55 s",
		"LIMIT 60 s ie KeepAliveTimeout the client closes first OK margin 120 s",
		"LIMIT 120 s ie ServerInfoTimeout the client closes first OK margin 60 s",
		"LIMIT 180 s ie KeepAliveTimeout both close together RACE margin 0 s",
		"LIMIT 180 s ie KeepAliveTimeout the client closes first OK margin 10 s",
	}
	d.shows(states[0], ">KeepAliveTimeout 5 s default", "DEAD PEER client: idle 60 s")

	d.press("Enter", "180", "Enter").shows(states[1], "KeepAliveTimeout 180 s*typed", "* unsaved")
	d.press("Tab").shows(">KeepAliveTimeout 60 s default").press("=", "180s", "Enter").shows(states[2])
	d.press("j").shows(">ServerInfoTimeout 120 s default").press("=", "3m", "Enter").shows(states[3])
	d.press("Tab").shows(">KeepAliveTimeout 180 s*typed").press("Enter", "190", "Enter").shows(states[4])
	for i := 3; i >= 0; i-- {
		d.press("u").shows(states[i], "undone: ")
	}
	for i := 1; i <= 4; i++ {
		d.press("Ctrl+r").shows(states[i])
	}
	d.press("e").shows("What can end the idle connection", "client ServerInfoTimeout 180 s the limit too").press("q")

	d.fake.events = fiveSeconds()
	d.press("t").shows("MEASURED at 09:30:00", "idle timeout 190 s 5 s 5 s / 5.01 s / 5.02 s FIN", "a takes the measured 5 s over")
	d.press("a").shows("5.01 s measured: 5 s was meant and is set").press("Enter", "1").shows("KeepAliveTimeout 5 s measured", "LIMIT 5 s apache KeepAliveTimeout")
	d.press("u").shows(states[4])

	d.press("x").shows("[apache]", "KeepAliveTimeout 190")
	d.fake.planned = []Planned{{Path: "out/x.conf", State: "new"}}
	d.press("Enter").shows("write to ./keeptune-session/").press("Enter").shows("wrote to ")
	d.press("p").lacks("LIMIT").press("q").shows("LIMIT")

	d.press("w").shows("save as: ").press("Ctrl+u", "web-3", "Enter").shows("saved in web-3.toml", "keeptune web-3 ")
	d.lacks("unsaved").press("q").shows("[1 tune]").press("q")
	if !d.quit {
		t.Error("q on the first screen of a saved session does not quit")
	}
}

// fiveSeconds is a finished test of a server that closes after five seconds.
func fiveSeconds() []livetest.Event { return closesAt(5 * time.Second) }

// closesAt is a test of a server that closes so late.
func closesAt(low time.Duration) []livetest.Event {
	spec := livetest.NewSpec(livetest.Target{Host: "localhost"})
	hint := 5 * time.Second
	events := []livetest.Event{{Kind: livetest.EventStarted, Spec: &spec}}
	for i := 1; i <= 3; i++ {
		after := low + time.Duration(i-1)*10*time.Millisecond
		events = append(events,
			livetest.Event{Kind: livetest.EventConnected, Conn: i, Role: livetest.RoleIdle},
			livetest.Event{Kind: livetest.EventResponse, Conn: i, Role: livetest.RoleIdle, Request: 1, Asked: true, KeepAlive: &livetest.Hint{Timeout: &hint}},
			livetest.Event{Kind: livetest.EventClosed, Conn: i, Role: livetest.RoleIdle, At: after, After: after, Close: livetest.CloseFIN, Exact: true})
	}
	return append(events, livetest.Event{Kind: livetest.EventFinished, At: 6 * time.Second})
}

func TestTypingPreviewsWithoutAStep(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.press("Enter", "1").shows("LIMIT 1 s").press("8").shows("LIMIT 18 s").press("0").shows("LIMIT 60 s", "margin 120 s")
	if undo, _ := d.app.s.Depth(); undo != 0 || d.app.s.Dirty() {
		t.Errorf("typing made %d steps", undo)
	}
	d.press("x").shows("LIMIT 5 s", "! apache.KeepAliveTimeout takes").lacks("[4 export]")
	d.press("Esc").shows("LIMIT 5 s", ">KeepAliveTimeout 5 s default")
	d.press("Enter", "Up").shows(">KeepAliveTimeout 180x").press("Backspace").shows("LIMIT 60 s").press("Enter").shows("180 s*typed")
	if undo, _ := d.app.s.Depth(); undo != 1 {
		t.Errorf("Enter made %d steps, want 1", undo)
	}
}

func TestOutOfRangeIsExplained(t *testing.T) {
	d := sit(t, "ie@11 > apache", 120, 30)
	d.press("Enter", "99999999", "Enter").shows("! apache.KeepAliveTimeout cannot be 99999999", "LIMIT 5 s")
	d.press("Esc").shows("5 s default")
}

func TestStepsCountEachKey(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.press("+++++").shows(">KeepAliveTimeout 10 s*typed", "LIMIT 10 s")
	d.press("+").shows(">KeepAliveTimeout 15 s*typed").press("--").shows(">KeepAliveTimeout 9 s*typed")
	d.press("d").shows(">KeepAliveTimeout 5 s default").press(">").shows("10 s*typed")
	d.press("u").shows("5 s default")
	d.press("k").shows(">KeepAlive on default").press("-").shows("KeepAlive off*typed", "no reuse").press(" ").shows("KeepAlive on")
	d.press("Enter").shows("KeepAlive off*typed").press("+").shows("KeepAlive on")
}

func TestBurstsAreSplit(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.press("=30s").shows("LIMIT 30 s").press("Enter")
	d.press("u+=7").shows("LIMIT 7 s").press("Enter").shows("KeepAliveTimeout 7 s*typed")
}

func TestLegs(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30 > node@22", 80, 24)
	d.shows("chrome =RETRIED=> [nginx] -RACE-> node", "leg 1 of 2").press("]").shows("chrome -RETRIED-> nginx =RACE=> [node]", "leg 2 of 2")
	d.shows("really closes at 6 s +1 s", "LIMIT 6 s node keepAliveTimeout").press("[").shows("leg 1 of 2")
}

func TestCommands(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.press(":", "set server:KeepAliveTimeout=75s", "Enter").shows("KeepAliveTimeout 75 s*typed")
	d.press(":", "Up").shows(":set server:KeepAliveTimeout=75s").press("Esc")
	d.press(":", "set client:KeepAliveTimeout 90s", "Enter").shows("KeepAliveTimeout 90 s*typed")
	d.press(":", "pa", "Tab", "curl > nginx > node", "Enter").shows("curl =RETRIED=> [nginx] -RACE-> node")
	d.press(":", "target example.com:99999999", "Enter").shows("! ").press(":", "target 127.0.0.1:81", "Enter").press("3").shows("target 127.0.0.1:81")
	d.press(":", "fly", "Enter").shows("! there is no command \"fly\"").press("u").shows("the built-in server")
	d.press(":", "client nonsense", "Enter").shows("! there is no system \"nonsense\"")
}

func TestFilter(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.press("/", "keepalive").shows("KeepAliveTimeout").lacks("RequestReadTimeout").press("Enter")
	d.shows("only settings with \"keepalive\"").press("Esc").shows("RequestReadTimeout")
	d.press("n").shows("only settings that are not at their default", "LIMIT 5 s")
}

func TestConsent(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.fake.foreign, d.fake.events = true, fiveSeconds()
	d.press(":", "target http://example.com/", "Enter", "t").shows("Test a server on another machine?", "http://example.com/")
	d.press("n").shows("ready").press("t", "y").shows("MEASURED")
	d.press("r").lacks("not this machine").shows("MEASURED")
}

func TestStaleResult(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.fake.events = fiveSeconds()
	d.press("t").lacks("STALE").press("1", "+", "3").shows("STALE").press("u").lacks("STALE")
}

func TestQuitAsks(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.press("Esc").shows("q quits")
	d.press("+", "q").shows("Quit without saving?").press("n").lacks("Quit without").press("q", "y")
	if !d.quit {
		t.Error("q and y do not quit")
	}
}

// What was measured is not lost by one key: neither alone nor beside changes that are not
// saved. What was adopted, or is a recording, is asked about no more.
func TestQuitAsksForMeasurements(t *testing.T) {
	const asks = "Quit without adopting what was measured?"
	const target = "target 127.0.0.1:81"
	d := sit(t, "ie@11 > apache", 80, 24)
	d.fake.events = fiveSeconds()
	if d.press("t", "1", "q"); !d.quit {
		t.Error("what was measured of the built-in server keeps the program")
	}

	d = sit(t, "ie@11 > apache", 80, 24)
	d.fake.events = fiveSeconds()
	d.press(":", target, "Enter", "w", "one.toml", "Enter", "t", "1", "q").shows(asks, "a on its screen takes it").press("n").lacks(asks)
	if d.quit {
		t.Fatal("n quits")
	}
	d.press("1", "+", "q").shows("Quit without saving?", "lost: a on its screen takes it over").press("n", "u", "q").shows(asks)
	if d.press("y"); !d.quit {
		t.Error("y does not quit")
	}

	d = sit(t, "ie@11 > apache", 80, 24)
	d.fake.events = fiveSeconds()
	d.press(":", target, "Enter", "w", "one.toml", "Enter", "t", "a", "Enter", "1", "q").shows("Quit without saving?").lacks("lost: a on its screen")
	if d.press("n", "u", "q"); !d.quit {
		t.Error("what was taken back is asked about")
	}

	d = sit(t, "ie@11 > apache", 80, 24)
	d.fake.events = fiveSeconds()[:3] // nothing closed: there is nothing to take over
	if d.press(":", target, "Enter", "w", "one.toml", "Enter", "t", "1", "q"); !d.quit {
		t.Error("a test without a number keeps the program")
	}
}

func TestPresets(t *testing.T) {
	for i := range 7 {
		d := sit(t, "chrome > nginx", 80, 24, func(c *Config) { c.Welcome = true })
		d.press(string(rune('1'+i))).lacks("What brings you here?", "!").shows("LIMIT")
		if d.app.s.Dirty() {
			t.Errorf("answer %d leaves an unsaved session", i+1)
		}
	}
	d := sit(t, "chrome > nginx", 80, 24, func(c *Config) { c.Welcome = true })
	d.press("9").shows("which client?").press("curl", "Enter", "Enter").shows("which server?").press("haproxy", "Enter", "Enter").shows("curl ==> [haproxy]")
}

// From the first screen to the first right remedy each answer takes at most six
// keys; the last of them shows it, Enter would carry it out.
func TestEachAnswerIsSixKeysFromItsRemedy(t *testing.T) {
	for _, x := range []struct {
		path, remedy string
		keys         []string
	}{
		{"chrome > nginx", "let node wait longer: keepAliveTimeout 65 s", []string{"1", "f"}},
		{"chrome > nginx", "let node wait longer: keepAliveTimeout", []string{"2", "f"}},
		{"chrome > nginx", "let putty send signs of life in time: PingIntervalSecs", []string{"3", "f"}},
		{"chrome > nginx", "let the host of putty try for longer: TcpMaxDataRetransmissions 8", []string{"4", "f"}},
		{"chrome > nginx", "let libpq probe sooner: keepalives_idle 20 m", []string{"5", "f"}},
		{"chrome > nginx", "let apache close sooner: KeepAliveTimeout", []string{"6", "f"}},
		{"ie@11 > apache", "let apache wait longer: KeepAliveTimeout 65 s", []string{"9", "Enter", "Enter", "Enter", "Enter", "f"}},
		{"chrome > nginx", "let ie give up sooner: ServerInfoTimeout", []string{"d", "1", "f"}},
		{"chrome > nginx", "let putty probe: TCPKeepalives on", []string{"7", "f"}},
		{"chrome > nginx", "let grpc-server send signs of life in time: keepaliveTime", []string{"8", "6", "f"}},
	} {
		d := sit(t, x.path, 80, 24, func(c *Config) { c.Welcome = true })
		d.fake.events = fiveSeconds()
		if len(x.keys) > 6 {
			t.Errorf("answer %s takes %d keys", x.keys[0], len(x.keys))
		}
		d.press(x.keys...).shows("> what would put ", "> "+x.remedy)
		before := d.app.s
		if d.press("Enter"); d.app.s.Document().Equal(before.Document()) {
			t.Errorf("answer %s: Enter changes nothing", x.keys[0])
		}
		if grave := d.app.s.Report().Legs[d.app.leg].Limit.Verdict.Severity(); grave > before.Report().Legs[d.app.leg].Limit.Verdict.Severity() {
			t.Errorf("answer %s: it is worse than before", x.keys[0])
		}
	}
}

func TestCrashOfAnEffect(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.fake.panics = true
	d.press("t")
	if !d.quit || d.app.out.crash == nil {
		t.Error("a panic in a stream does not end the program")
	}
}

func TestForeignTextIsCleaned(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.press("3", "=", "http://h/\x1b[31m", "Enter")
	for _, r := range d.screen() {
		if r == 0x1b {
			t.Fatal("an escape sequence reached the screen")
		}
	}
}

func TestMouseSelects(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	click := func(x, y int) {
		d.send(tea.MouseMsg{X: x, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
	}
	d.screen()
	click(10, 5)
	d.shows(">ServerInfoTimeout 120 s")
	d.screen()
	click(50, 4)
	d.shows(">KeepAliveTimeout 5 s")
	d.screen()
	click(50, 4)
	d.press("7").shows("LIMIT 7 s")
	click(10, 5)
	d.shows("LIMIT 7 s").press("Esc").shows("LIMIT 5 s")
	d.send(tea.MouseMsg{Button: tea.MouseButtonWheelDown})
	d.shows(">MaxKeepAliveRequests")
}
