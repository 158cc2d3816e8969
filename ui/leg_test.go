package ui

import (
	"testing"

	"example.com/keeptune/model"
)

func TestTheLegsQuantitiesAreRows(t *testing.T) {
	d := sit(t, "chrome > apache@2.4.66", 80, 60)
	d.shows("THIS LEG", "WHAT FOLLOWS", "window of race 50 ms assumed", "arrivals, new/s not given", "idle connections give arrivals", "dead at server give vanish")
	d.press(":", "set leg1:arrivals=41", "Enter").shows(">arrivals, new/s 41*typed", "idle connections 205", "TIME_WAIT sockets 2460")
	d.press("k").shows(">rate, requests/s not given").press("=").shows("rate: a number per second, such as 0.25 or 40").press("0.2").shows("race at this rate 1 in ", "failures an hour").press("Enter").shows(">rate, requests/s 0.2*typed")
	d.press("+").shows("0.5*typed").press("-").shows("0.2*typed").press("d").shows(">rate, requests/s not given", "failures an hour give rate")
	d.press("u").shows("0.2*typed").press("i").shows("leg1 rate", "Requests per second on one connection").press("i")
	d.press("G", "k").shows(">write_every").press("=", "30", "Enter", "2").shows("on this leg").press("G").shows("writes at least every 30 s").press("1")
	if given := d.app.s.Document().Path.Quantities(0); len(given) != 3 {
		t.Errorf("given are %v, want arrivals, rate and write_every", given)
	}
	for range 4 {
		d.press("u")
	}
	if s := d.app.s; s.Dirty() {
		t.Errorf("undone, the leg still has %v", s.Document().Path.Quantities(0))
	}
}

func TestStructureDropsWhatWasGiven(t *testing.T) {
	d := sit(t, "chrome > apache", 80, 24)
	d.press(":", "set leg1:arrivals=41", "Enter", "p", "g", "a", "aws-nat", "Enter").shows("the legs' rates are dropped")
	d.press("u")
	if _, ok := d.app.s.Document().Path.Quantities(0).Quantity(model.QuantityArrivals); !ok {
		t.Error("undo does not bring the arrivals back")
	}
}

func TestWhyTellsAllFourStates(t *testing.T) {
	d := sitWith(t, frozen(), "ie@11 > aws-nat-gateway > apache@2.4.66", 80, 170)
	d.press("2").shows("server idle: dead for up to 5.025 s because of the idle timer",
		"client busy: dead for up to 18.9 s because of retransmission; a timer of", "documented, not measured",
		"client waiting: TCP never notices; whether the program has a timer",
		"client zero window: not known, because no rule is documented for this system", "server zero window: dead for up to 60 s",
		"TCP alone: 2 h 11 m 21 s to 2 h 13 m 33 s (with ideal timers 2 h 11 m 15 s)", "arrivals: under THIS LEG", "give write_every")
	golden(t, "why-80x170", d.screen())
	d.press("3", "2")
	d = sitWith(t, frozen(), "ie@11 > apache@2.4.66", 40, 170)
	golden(t, "why-40x170", d.press("2").screen())
}
