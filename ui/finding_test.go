package ui

import (
	"regexp"
	"testing"

	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/overlay"
	"example.com/keeptune/ui/pane"
)

func TestAFindingIsFixedInOneStep(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.shows("W ORD-1 the server may close while the client still reuses", "e why f fix", "2 why (1)")
	d.press("f").shows("what would put ORD-1 right", "let apache wait longer: KeepAliveTimeout 65 s", "--> OK margin 5 s")
	d.press("Esc").shows("LIMIT 5 s").press("f", "Enter").shows("LIMIT 60 s ie KeepAliveTimeout", "OK margin 5 s", ">KeepAliveTimeout 65 s*typed")
	d.press("u", ":", "fly", "Enter").shows("! there is no command").press("f", "Enter").shows("apache KeepAliveTimeout is 65 s: OK margin 5 s")
	if undo, _ := d.app.s.Depth(); undo != 1 {
		t.Errorf("a remedy made %d steps, want 1", undo)
	}
	d.press("5").shows("ORD-1: let apache wait longer: KeepAliveTimeout 65 s").press("1")
	d.shows("why: the client lets go 5 s before the server closes").press("f").shows("nothing to fix").press("u").press("k").shows("W ORD-1", "LIMIT 5 s")
}

// What the list promises is what Enter brings about.
func TestRemediesLeadWhereTheySay(t *testing.T) {
	for _, path := range []string{"ie@11 > apache", "chrome > aws-alb > nginx@1.30.0 > node@22", "putty > firewall > sshd", "libpq > firewall > postgresql", "go-client > node@22"} {
		d := sit(t, path, 100, 40)
		for leg := range d.app.s.Report().Legs {
			d.app.leg = leg
			before := d.app.s
			d.press("f")
			if d.app.top() == nil {
				continue
			}
			d.press("Enter")
			l := &d.app.s.Report().Legs[leg].Limit
			if l.Verdict == tuning.VerdictRace && before.Report().Legs[leg].Limit.Verdict == tuning.VerdictOK {
				t.Errorf("%s leg %d: the remedy makes it a race", path, leg+1)
			}
			if now, _ := d.app.s.Depth(); now == 0 {
				t.Errorf("%s leg %d: the remedy changed nothing:\n%s", path, leg+1, d.screen())
			}
			d.app.s = before
		}
	}
}

func TestWhyExplainsTheFindings(t *testing.T) {
	d := sitWith(t, frozen(), "chrome > aws-nat-gateway > nginx@1.30.0", 80, 40)
	d.press("2").shows("on this leg", "source", "wrong if", "> ")
	golden(t, "findings-80x40", d.screen())
	d.press("Tab", "f").shows("what would put ORD-1 right")
	golden(t, "remedies-80x40", d.screen())
}

func TestTheReasonStandsWhereThereIsNoFinding(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.press("=", "75", "Enter").shows("why: the client lets go 15 s before the server closes", "[1 tune] 2 why 3 test")
}

func TestSettingsHaveTheirProductsNames(t *testing.T) {
	d := sit(t, "libpq > firewall > postgresql", 80, 40)
	d.press(":", "set libpq:keepalives_idle=60", "Enter").shows("*typed").press("i").shows("libpq keepalives_idle").lacks("libpq tcp_keepidle")
	d.press("i", ":", "set firewall:idle_timeout=10m", "Enter", "2").shows("held open", "libpq").lacks("tcp_keepidle")
	d.press("5").shows("keepalives_idle").lacks("tcp_keepidle")
}

// The balancer's timeout is shared by two legs: what cures the first breaks the
// second, so one step sets all that it takes.
func TestTheWholePathIsOneStep(t *testing.T) {
	d := sit(t, "cloudflare > aws-alb > nginx@1.30.0 > node@22", 80, 24)
	d.press("f").shows("what would put ORD-1 right", "No single setting here", "puts it right.", "fix the whole path: aws-alb idle_timeout.timeout_seconds 16 m; nginx", "leg 1 RACE to OK, leg 2 OK, leg 3 RACE to OK")
	d.press("End", "Enter").shows("OK").lacks("RACE")
	if undo, _ := d.app.s.Depth(); undo != 1 {
		t.Errorf("it is %d steps of undo", undo)
	}
	d.press("u").shows("RACE").press("]").shows("leg 2 of 3").press("f").shows("fix the whole path")
}

// A remedy's preview has every leg, and the worst of them.
func TestARemedyShowsEveryLeg(t *testing.T) {
	d := sit(t, fourHops, 80, 40)
	d.press("]", "]", "f").shows("path: leg 1 RETRIED, leg 2 OK, leg 3 RACE to OK, and none is", "worse")
}

// A value that is only typed yet tells what it makes of the other legs.
func TestTypingShowsTheOtherLegs(t *testing.T) {
	d := sit(t, fourHops, 80, 24)
	d.press("=", "330").shows("idle_timeout.timeout_seconds = 330 s", "leg 2 OK", "to RACE").press("Ctrl+u", "70").lacks("to RACE").press("Esc").lacks("leg 2 OK")
}

// What stands under the screen is what f opens, whether or not a setting puts it right.
func TestTheFindingShownIsTheOneThatOpens(t *testing.T) {
	for _, path := range []string{"ie@11 > apache", "cloudflare > aws-alb > nginx@1.30.0 > node@22", "putty > firewall > sshd", "aws-alb > node@22", "chrome > gunicorn"} {
		d := sit(t, path, 100, 40)
		for leg := range d.app.s.Report().Legs {
			d.app.leg = leg
			f, _ := pane.Gravest(d.app.context())
			if f == nil {
				continue
			}
			d.shows(" " + f.Rule.ID + " ")
			switch o := d.press("f").app.top(); {
			case o != nil:
				d.shows("> what would put " + f.Rule.ID + " right").press("Esc")
			default:
				d.shows(f.Rule.ID + ": no setting here puts it right")
			}
		}
	}
}

// A browser's leg cannot make a 502.
func TestTheLegOfASymptomIsNamed(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 24, func(c *Config) { c.Welcome = true })
	d.press("1").shows("leg 3 of 3").press("[", "j").shows("no 502 from here: aws-alb lets go before nginx closes", "leg 3 can")
	d.press("[", "j").shows("no 502 from here: chrome makes none, only a proxy does", "leg 3 can")
	d.press("2", "Home").shows("no 502 from here: chrome makes none").press("1")
	d.press("]", "]", "j").shows("W ORD-1").press("f", "Enter", "k").shows("no 502 from here: nginx lets go before node closes").lacks("can")
}

// statusFinding is the finding on the line under a screen.
var statusFinding = regexp.MustCompile(`(?m)^ +(?:[EWI] |no \d+ from here: .* fix )([A-Z]+-\d+)`)

// The finding under the screen is the one that f opens, on each leg of each welcome
// answer. Where none stands there, f is about the whole path.
func TestFOpensTheFindingThatIsShown(t *testing.T) {
	shown := 0
	for _, n := range "123456789ed" {
		answer := string(n)
		d := sit(t, "chrome > nginx", 80, 24, func(c *Config) { c.Welcome = true })
		d.fake.events = fiveSeconds()
		d.press(answer)
		if _, choosing := d.app.top().(*overlay.Picker); choosing {
			d.press("chrome", "Enter", "Enter", "apache", "Enter", "Enter")
		}
		for leg := range d.app.s.Report().Legs {
			for _, screen := range []string{"1", "2"} {
				d.app.leg = leg
				found := statusFinding.FindStringSubmatch(d.press(screen).screen())
				title := ""
				if o, open := d.press("f").app.top().(*overlay.Choice); open {
					title = o.Title
				}
				_, plan := d.app.s.Plan()
				switch {
				case found != nil && title != "what would put "+found[1]+" right":
					t.Errorf("answer %s, leg %d, screen %s: %s is shown, f opens %q", answer, leg+1, screen, found[1], title)
				case found == nil && screen == "1" && plan != (title == "fix the whole path"):
					t.Errorf("answer %s, leg %d: no finding is shown, the path has a plan: %v, f opens %q", answer, leg+1, plan, title)
				case found != nil:
					shown++
				}
				if title != "" {
					d.press("Esc")
				}
			}
		}
	}
	if shown < 8 {
		t.Errorf("only %d findings were shown", shown)
	}
}
