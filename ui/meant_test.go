package ui

import (
	"context"
	"testing"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
)

func TestSaveFirstThenOpens(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.press(":", "save one.toml", "Enter", ":", "path curl > nginx", "Enter", ":", "save two.toml", "Enter", "+")
	d.press(":", "open one.toml", "Enter").shows("Drop the unsaved changes?").press("w").shows("opened one.toml", "ie ==> [apache]")
	d = sit(t, "ie@11 > apache", 80, 24)
	d.press("+", ":", "open gone.toml", "Enter", "w", "Ctrl+u", "mine.toml", "Enter").shows("! ", "gone.toml")
	if len(d.fake.saved) != 1 {
		t.Errorf("saved: %v", d.fake.saved)
	}
}

func TestAdoptingForAnotherServerAsks(t *testing.T) {
	d := sit(t, "chrome > apache > node@22", 80, 24, aimed)
	d.fake.events = fiveSeconds()
	d.press("t").shows("MEASURED at 09:30:00").press("1", "]", "3").shows("with apache as the server, not node")
	d.press("a").shows("5.01 s measured, 1 s of it is keepAliveTimeoutBuffer: so 4 s is set").press("Enter").shows("for another server?").press("n").shows("idle timeout 6 s").press("a", "Enter", "y").shows("part of the session now").lacks("with apache")
	d.press("u").shows("idle timeout 6 s")
}

func TestTheLimitNamesWhoIsMeant(t *testing.T) {
	sit(t, "chrome > nginx > haproxy > ipvs > haproxy", 140, 34).press("[", ":", "set ipvs:ipvs_tcp_timeout=10s", "Enter").
		shows("LIMIT 5 s haproxy pool-purge-delay the middlebox may be first STALE")
	sit(t, "nginx > firewall > haproxy", 120, 40).press("]", ":", "set firewall:idle_timeout=5m", "Enter", "2").
		shows("before firewall drops it").lacks("before the server closes")
	d := sit(t, "chrome > nginx > node", 80, 24)
	d.press("]", ":", "path ipvs > nginx", "Enter").shows("leg 2 of 2", "! ")
	d.press(":", "frobnicate", "Enter").shows("test, undo,")
}

func TestAStoppedTestIsOver(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 40)
	d.fake.events = fiveSeconds()[:2]
	d.fake.wait = func(ctx context.Context) { <-ctx.Done() }
	d.app, _ = d.app.perform(contract.StartTest{})
	d.app.test.view.Result.Samples = []livetest.Sample{{Conn: 1, State: livetest.SampleWatched}}
	d.press("d").shows("1 after a request watched").press("s").shows("stopping the test")
	d.send(batch[livetest.Event]{stream: d.app.test.id, done: true, err: context.Canceled})
	d.lacks("stopping", "watched")
}

func TestNumbersAreWhole(t *testing.T) {
	d := sit(t, "chrome > nginx > firewall > node", 80, 24)
	d.press(":", "set leg1:arrivals=1000000000", "Enter", "Home", "Tab", "Home", "6").shows("RETRIED -299s 1e+09").lacks("10000000")
	d.press("1", "]", "2").shows("the smallest known limit of the path is 75 s, on leg 1")
}
