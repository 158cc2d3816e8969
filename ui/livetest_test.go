package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/ui/contract"
)

// allMeasured is a test of all there is: a path that forgets after 8 to 13 s,
// which TCP keep-alive prevents, a race and fifty held connections.
func allMeasured() []livetest.Event {
	spec := livetest.NewSpec(livetest.Target{Host: "localhost"})
	spec.Measure = append(livetest.DefaultMeasurements(), livetest.MeasureHTTP2, livetest.MeasureLadder, livetest.MeasureRace, livetest.MeasureHold)
	spec.Hold, spec.Socket.KeepAlive = 50, true
	spec.Ladder = &livetest.LadderSpec{FarEnd: "192.0.2.1:7022"} // the server's timer plays no part
	spec = spec.Normalize()
	events := fiveSeconds()
	events[0].Spec = &spec
	end := events[len(events)-1]
	events = events[:len(events)-1]
	events[1].Connect, events[1].RTT, events[1].RTO, events[1].Unacked = 200*time.Microsecond, 50*time.Microsecond, 204*time.Millisecond, 2
	second, streams, ping := time.Second, uint32(128), 300*time.Microsecond
	events = append(events,
		livetest.Event{Kind: livetest.EventSocket, Socket: &livetest.SocketOptions{KeepAlive: true, Idle: 60 * second, Interval: 10 * second, Count: 6}},
		livetest.Event{Kind: livetest.EventHTTP2, Role: livetest.RoleHTTP2, Conn: 20, Settings: &livetest.HTTP2Settings{MaxStreams: &streams}, Yes: true, Took: ping, Done: true},
		livetest.Event{Kind: livetest.EventConnected, Role: livetest.RoleControl, Conn: 9, Connect: 200 * time.Microsecond})
	for i := range 30 {
		events = append(events, livetest.Event{
			Kind: livetest.EventResponse, Role: livetest.RoleControl, Conn: 9, Request: i + 1, Took: 100 * time.Microsecond, At: time.Duration(i) * second,
		})
	}
	for i, gap := range []int{1, 2, 3, 5, 8, 13, 21} {
		g := livetest.Event{Kind: livetest.EventRung, Role: livetest.RoleLadder, Conn: 30 + i, Gap: time.Duration(gap) * second, Direction: livetest.Outward}
		answer := g
		answer.At, answer.Done, answer.Close = g.Gap, true, livetest.CloseNone
		if gap > 8 {
			answer.Close = livetest.CloseRSTOnSend
		}
		events = append(events, g)
		if gap != 21 {
			events = append(events, answer)
		}
	}
	probes := livetest.Event{Kind: livetest.EventRung, Role: livetest.RoleLadder, Conn: 40, Gap: 13 * second, Direction: livetest.Outward, Probes: true, Done: true, Close: livetest.CloseNone}
	events = append(events, probes)
	for i := range 3 {
		events = append(events, livetest.Event{
			Kind: livetest.EventStep, Role: livetest.RoleRace, Gap: 5 * second, Offset: time.Duration(i-1) * time.Millisecond, Method: "GET", Sent: 4, Lost: i, Done: i == 2,
		})
	}
	for i := range 50 {
		events = append(events, livetest.Event{Kind: livetest.EventResponse, Role: livetest.RoleHold, Conn: 100 + i},
			livetest.Event{Kind: livetest.EventClosed, Role: livetest.RoleHold, Conn: 100 + i, After: 5*second + time.Duration(i)*20*time.Millisecond, Close: livetest.CloseFIN})
	}
	end.At = 80 * second
	return append(events, end)
}

func TestLiveTestGoldens(t *testing.T) {
	for _, size := range []struct{ w, h int }{{40, 12}, {80, 24}, {120, 40}} {
		for view, key := range map[string]string{"results": "v", "ladder": "l", "curve": "c", "samples": "d", "race": "h", "plan": "p"} {
			t.Run(fmt.Sprintf("%s-%dx%d", view, size.w, size.h), func(t *testing.T) {
				set := ascii
				if size.w == 120 {
					set = unicode
				}
				d := sitWith(t, frozen(), "ie@11 > apache@2.4.66", size.w, size.h, set, aimed)
				d.fake.events = allMeasured()
				golden(t, fmt.Sprintf("live-%s-%dx%d", view, size.w, size.h), d.press("t", key).screen())
			})
		}
	}
}

// What is measured is chosen before the test, with what each part costs, and
// stays chosen; the document is not touched.
func TestPlanIsChosenOnTheScreen(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.press("3").shows("PLAN what is measured", "default test on 12 91 s", "ladder off 11 450 s", "Together up to 12 connections at once, at most 91 s, second round 154 s.")
	d.press("p").to("ladder").press(" ").shows("> ladder on", "at most 541 s, second")
	d.press("j", "Enter", "10.0.0.1:7022", "Enter").shows("far end 10.0.0.1:7022", "It cannot run: a far end needs its token")
	d.press("r").shows("! a far end needs its token").press("j", "Enter", "secret", "Enter").shows("its token given").lacks("secret")
	d.to("HTTP/2").press(" ").to("race").press(" ").shows("HTTP/2 on", "race steps").press(" ").shows("race poisson").to("hold").press(" ").shows("hold 100 connections")
	d.press("Enter", "Ctrl+u", "many").shows("! \"many\" is not a number").press("Ctrl+u", "5000", "Enter").shows("Together up to 5001 connections at once")
	d.press("j", "Enter", "Ctrl+u", "60s/10s/6", "Enter").shows("TCP keep-alive 60s/10s/6").press("j", "Enter", "30s", "Enter").shows("TCP_USER_TIMEOUT 30 s")
	d.press("j", "Enter", "3m", "Enter").shows("silence up to 180 s")
	if d.app.s.Dirty() {
		t.Error("the plan is part of the document")
	}
	d.fake.events = fiveSeconds()
	d.press("r").shows("MEASURED")
	s := d.fake.spec
	for _, m := range []livetest.Measurement{livetest.MeasureIdle, livetest.MeasureLadder, livetest.MeasureHTTP2, livetest.MeasureRace, livetest.MeasureHold} {
		if !s.Measures(m) {
			t.Errorf("%s is not measured", m)
		}
	}
	if s.Ladder.FarEnd != "10.0.0.1:7022" || s.Ladder.Token != "secret" || s.Race.Mode != livetest.RacePoisson || s.Hold != 5000 || s.IdleLimit != 3*time.Minute {
		t.Errorf("the spec is %+v, ladder %+v, race %+v", s, s.Ladder, s.Race)
	}
	if o := s.Socket; o.Idle != time.Minute || o.Count != 6 || o.UserTimeout != 30*time.Second {
		t.Errorf("the options are %+v", o)
	}
	d.press("p").to("ladder").shows("ladder on").press("t").shows("MEASURED", "idle timeout")
	d.press(":", "target 127.0.0.1:81", "Enter").shows("MEASURED at 09:30:00 at the built-in server")
}

func TestPlainTargetLeavesOutWhatNeedsHTTP(t *testing.T) {
	d := sit(t, "putty > sshd", 80, 24)
	d.press("3", "=", "tcp://127.0.0.1:22", "Enter").shows("target tcp://127.0.0.1:22", "HTTP/2 not for tcp://", "race not for tcp://")
	d.to("ladder").press(" ", "r")
	if m := fmt.Sprint(d.fake.spec.Measure); m != "[before-request ladder]" {
		t.Errorf("measured are %s", m)
	}
	d.press("p").to("default test").press(" ").to("ladder").press(" ").shows("Nothing is chosen").press("r").shows("! nothing is chosen that can be measured")
}

// Another machine is asked about once, with the number of connections,
// and again where more of them are to be opened.
func TestForeignTargetIsAskedAboutOnce(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.fake.foreign, d.fake.events = true, fiveSeconds()
	d.press(":", "target http://example.com/", "Enter", "t").shows("up to 12 connections at once", "up to 1100 requests", "stops at once")
	d.press("y").shows("MEASURED").press("r").lacks("not this machine")
	d.press("p", ":", "target http://example.com/", "Enter")
	d.to("hold").press(" ", "r").shows("Test a server on another machine?", "up to 101 connections at once").press("n").lacks("on another machine?")
	d.press("r").shows("up to 101 connections").press("y").shows("MEASURED").press("r").lacks("not this machine")
}

// A test goes on behind the other screens, with a chip that counts down;
// its result has a time and is stale when the settings change.
func TestGoesOnInTheBackground(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.fake.wait = func(ctx context.Context) { <-ctx.Done() }
	d.app, _ = d.app.perform(contract.StartTest{})
	id := d.app.test.id
	d.press("1", "+").shows("[test 92s left]", "LIMIT 6 s")
	d.send(batch[livetest.Event]{stream: id, items: allMeasured()[:6]})
	d.press("3").shows("running").press("1").lacks("MEASURED")
	d.send(batch[livetest.Event]{stream: id, items: fiveSeconds(), done: true})
	d.shows("the test is over: 3 shows what it found").press("3").shows("MEASURED at 09:30:00").lacks("STALE")
	d.press("1", "+", "3").shows("STALE: settings were changed since")
	d.app, _ = d.app.perform(contract.StartTest{})
	d.press("1", "t", "s").shows("stopping the test")
	d.send(batch[livetest.Event]{stream: d.app.test.id, done: true, err: context.Canceled})
	d.lacks("stopping", "[test")
}

// Samples during which the machine slept do not count, and it is said.
func TestSleptSamplesDoNotCount(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	events := fiveSeconds()
	end := events[len(events)-1]
	d.fake.events = append(events[:len(events)-1], livetest.Event{Kind: livetest.EventPaused, From: time.Second, At: 4 * time.Second, Jump: time.Hour}, end)
	d.press("t").shows("INCONCLUSIVE", "0 good samples, 3 are needed: the clocks drifted apart by 1h0m0s").
		press("d").shows("1 after a request discarded, see below", "- the clocks drifted apart by 1h0m0s")
}

// The options of a running test's sockets change at once.
func TestSocketOptionsChangeWhileItRuns(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.fake.wait = func(ctx context.Context) { <-ctx.Done() }
	d.app, _ = d.app.perform(contract.StartTest{})
	d.press("p", "End", "k", "k", "k", "=", "Ctrl+u", "60s/10s/200").shows("! 200 keep-alive probes are out of range").press("Ctrl+u", "60s/10s/6", "Enter")
	d.shows("asked of every open connection")
	d.send(batch[livetest.Event]{stream: d.app.test.id, items: []livetest.Event{{
		Kind: livetest.EventSocket, Socket: &livetest.SocketOptions{KeepAlive: true, Idle: time.Minute, Interval: 10 * time.Second, Count: 6},
	}}})
	d.shows("OUR SOCKETS TCP keep-alive after 60 s, every 10 s, 6 probes (as the kernel")
}

// What the ladder found goes into the model as a middlebox's idle timeout, of
// one that is there or of one that is inserted.
func TestAdoptWhatTheLadderFound(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 30, aimed)
	d.fake.events = allMeasured()
	d.press("t", "l").shows("ends between 8 s and 13 s", "TCP keep-alive holds it.", "a takes that over")
	d.press("a").shows("> apache KeepAliveTimeout = 5 s", "insert a middlebox: firewall idle_timeout = 10 s (measured 8 to 13 s)", "it stands between ie and apache")
	d.press("j", "Enter").shows("firewall idle_timeout is the measured 10 s now").press("1").shows("firewall 10s", "LIMIT 5 s")
	s := d.app.s.Document().Path.Endpoints[1].Settings["firewall.idle_timeout"]
	if s.Origin.Kind != model.FromMeasured || s.Origin.At.IsZero() || s.Low != 8*time.Second || s.High != 13*time.Second {
		t.Errorf("the setting is %+v", s)
	}
	d.press("3", "a", "j").shows("> firewall idle_timeout = 10 s").press("Esc", "1", "u").shows("[ie] ==> apache")
}

// What the server's own timer explains is no middlebox's.
func TestTheServersTimerIsNoMiddlebox(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24, aimed)
	d.fake.events = allMeasured()
	d.fake.events[0].Spec.Ladder.FarEnd = ""
	d.press("t", "l").shows("ends between 8 s and 13 s").lacks("a takes that over").press("a", "Enter").shows("apache KeepAliveTimeout is the measured 5 s now")
}

func TestAdoptTheHint(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30", 80, 30, aimed)
	d.fake.events = fiveSeconds()
	d.press("t", "a").shows("> nginx keepalive_timeout = 5 s", "nginx keepalive_timeout_header = 5 s")
}

// EFF-1: where the server does not do what it is configured to, what fits is
// named, and one key leads there.
func TestWhatExplainsTheMeasurement(t *testing.T) {
	d := sit(t, "chrome > firewall > nginx@1.30", 80, 30, aimed)
	d.press(":", "set firewall:idle_timeout=5", "Enter")
	d.fake.events = fiveSeconds()
	d.press("t").shows("Measured and configured differ: a takes the measured 5 s over.", "It fits firewall: idle_timeout", "f goes there")
	d.press("f").shows("[1 tune]")
	if at := d.app.context().At; at.Middlebox != "firewall" {
		t.Errorf("f goes to %+v", at)
	}
	d = sit(t, "chrome > nginx@1.30", 80, 30, aimed)
	d.fake.events = fiveSeconds()
	d.press("t")
	d.send(d.app.owners()()) // reading the whole catalog may take a busy machine a while
	d.shows("Nothing on the path fits. By default it would be Actix Web keep_alive,").press("f").lacks("Measured and configured")
}

// Each key of the results answers, also where it has nothing to do.
func TestKeysOfResultsAnswer(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30", 80, 30, aimed)
	d.press("3", "v", "f").shows("nothing was measured yet; r runs the test").press("s").shows("no test is running")
	d.fake.wait = func(ctx context.Context) { <-ctx.Done() }
	d.app, _ = d.app.perform(contract.StartTest{Consented: true})
	d.press("f").shows("the test still runs; which setting explains it is known at its end").press("r").shows("the test is running; s stops it")
	d = sit(t, "ie@11 > apache", 80, 30, aimed)
	d.fake.events = fiveSeconds()
	d.press("t", "f").shows("the measurement agrees with what is configured")
	d = sit(t, "ie@11 > apache", 80, 30)
	d.fake.events = fiveSeconds()
	d.press("t", "f").shows("this is keeptune's own server: no setting of the path explains it")
	d = sit(t, "ie@11 > apache", 80, 30, aimed)
	d.fake.events = []livetest.Event{fiveSeconds()[0], {Kind: livetest.EventFinished, At: 6 * time.Second}}
	d.press("t", "v", "f").shows("no idle timeout was measured")
}

// A recording shows the same as the test did.
func TestReplayIsTheResult(t *testing.T) {
	events := allMeasured()
	for i := range events {
		events[i].Wall = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC).Add(events[i].At)
	}
	d := sit(t, "ie@11 > apache", 80, 24, func(c *Config) { c.Replay = events })
	d.shows("MEASURED on 2026-11-20 08:01:20 at http://localhost:80/, as recorded", "5 s / 5.01 s / 5.02 s FIN")
	live := sit(t, "ie@11 > apache", 80, 24, aimed)
	live.fake.events = allMeasured()
	live.press("t")
	for _, view := range []string{"v", "l", "c", "d", "h"} {
		d.press(view)
		live.press(view)
		if a, b := tail(d.screen()), tail(live.screen()); a != b {
			t.Errorf("the recording's %s shows\n%s\nand the test\n%s", view, a, b)
		}
	}
}

// tail is a screen without the lines that say when it was measured.
func tail(screen string) string { return strings.Join(strings.Split(screen, "\n")[3:], "\n") }

// x on the test's screen offers what it found, through the same file dialog.
func TestExportOfATest(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24, aimed, func(c *Config) {
		c.Reports = []contract.Report{{ID: "test-csv", Title: "its samples", Name: "samples.csv", Render: func(x contract.Tested) ([]byte, error) {
			return fmt.Appendf(nil, "samples %d, configured %v\n", len(x.Result.Samples), *x.Configured), nil
		}}}
	})
	d.press("x").lacks("test-csv").press("3")
	d.fake.events = fiveSeconds()
	d.press("t", "x").shows("[test-csv]", "samples 3, configured 5s")
	d.fake.planned = []Planned{{Path: "out/samples.csv", State: "new"}}
	d.press("Enter", "Enter").shows("wrote to keeptune-session: samples.csv")
}

// Ten thousand held connections are a few updates a second and no slow frame.
func BenchmarkTenThousandHeld(b *testing.B) {
	d := sit(b, "ie@11 > apache", 120, 40, unicode)
	events := []livetest.Event{allMeasured()[0]}
	for i := range 10_000 {
		events = append(events,
			livetest.Event{Kind: livetest.EventConnected, Role: livetest.RoleHold, Conn: i, Connect: time.Duration(i)},
			livetest.Event{Kind: livetest.EventResponse, Role: livetest.RoleHold, Conn: i},
			livetest.Event{Kind: livetest.EventClosed, Role: livetest.RoleHold, Conn: i, After: 5*time.Second + time.Duration(i)*time.Microsecond, Close: livetest.CloseFIN})
	}
	d.fake.wait = func(ctx context.Context) { <-ctx.Done() }
	d.app, _ = d.app.perform(contract.StartTest{})
	d.send(batch[livetest.Event]{stream: d.app.test.id, items: events})
	d.press("c")
	var m tea.Model = d.app
	for b.Loop() {
		m, _ = m.Update(batch[livetest.Event]{stream: d.app.test.id, items: events[len(events)-1:]})
		if len(m.View()) == 0 {
			b.Fatal("nothing is shown")
		}
	}
}

// Gaps count down together, but what changes with a second stays small.
func TestLadderCountsDownInFewBytes(t *testing.T) {
	d := sit(t, "ie@11 > apache", 100, 30)
	d.fake.wait = func(ctx context.Context) { <-ctx.Done() }
	d.app, _ = d.app.perform(contract.StartTest{})
	begin := d.app.now
	var events []livetest.Event
	for i, gap := range livetest.GapsUpTo(90 * time.Second) {
		events = append(events, livetest.Event{Kind: livetest.EventRung, Role: livetest.RoleLadder, Conn: 30 + i, Gap: gap, Direction: livetest.Outward})
	}
	d.send(batch[livetest.Event]{stream: d.app.test.id, items: events})
	d.press("l").shows("89 s silent, 90 s left", "8 s silent, 8 s left")
	sent, before := 0, strings.Split(d.screen(), "\n")
	const ticks = 90
	for i := range ticks {
		d.app.now = begin.Add(time.Duration(i+1) * time.Second)
		after := strings.Split(d.screen(), "\n")
		for j := range after {
			if after[j] != before[j] {
				sent += len(strings.TrimRight(after[j], " ")) + 4
			}
		}
		before = after
	}
	if sent == 0 || sent/ticks > 400 {
		t.Errorf("a second of the ladder is %d bytes on average, want some and at most 400", sent/ticks)
	}
}

// A flood of events is a few updates a second.
func TestFloodIsFewUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := stream(ctx, func(_ context.Context, emit func(livetest.Event)) error {
			for i := range 10_000 {
				emit(livetest.Event{Kind: livetest.EventCounted, Request: i})
				time.Sleep(100 * time.Microsecond)
			}
			return nil
		})
		updates, events := 0, 0
		for done := false; !done; {
			b := next(1, s)().(batch[livetest.Event])
			updates, events, done = updates+1, events+len(b.items), b.done
		}
		if events != 10_000 || updates > 8 {
			t.Errorf("a second with 10 000 events is %d updates of %d events", updates, events)
		}
	})
}

// aimed gives the live test a target of its own.
func aimed(c *Config) {
	doc := c.Session.Document()
	doc.Target = "127.0.0.1:8080"
	s, err := session.New(doc, c.Session.Env())
	if err != nil {
		panic(err)
	}
	c.Session = s
}
