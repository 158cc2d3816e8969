package livetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// own adds measurements for a test.
func own(t *testing.T, more ...question) {
	t.Helper()
	before := questions
	questions = append(slices.Clip(questions), more...)
	t.Cleanup(func() { questions = before })
}

// A measurement of silence and a yes-or-no question need no more than their own values.
func TestOwnMeasurements(t *testing.T) {
	own(t,
		silence{traits: &traits{name: "mid-body", stage: silent, silence: "inside a body", opening: true, choice: &Choice{Name: "body", Place: 9, Values: []string{"on"}}}, title: "MID-BODY", samples: 2},
		yesNo{traits: &traits{name: "after-404", stage: short, apart: true, yes: EventAnswered}, title: "AFTER 404", label: "after 404", yesText: "kept", no: "not kept"},
	)
	var spec Spec
	for _, m := range []Measurement{"mid-body", "after-404"} {
		m.Choose(&spec, "on")
	}
	spec.Target = Target{Host: "localhost"}
	spec = spec.Normalize()
	if err := spec.Validate(); err != nil {
		t.Fatal(err)
	}
	// Two silent ones with their control, and one that is asked; silence up to the limit.
	if n, d := spec.Sockets(), spec.Longest(); n != 4 || d != 91*time.Second {
		t.Errorf("%d connections for %v, want 4 for 91s", n, d)
	}
	if c := Choices(); c[len(c)-1] != "mid-body" || slices.Contains(c, "after-404") {
		t.Errorf("the choices are %v", c)
	}
	events := []Event{{Kind: EventStarted, Spec: &spec}}
	for conn := 1; conn <= 2; conn++ {
		opened := time.Duration(conn) * time.Second
		events = append(events,
			Event{Kind: EventConnected, Conn: conn, Role: "mid-body", At: opened},
			Event{Kind: EventClosed, Conn: conn, Role: "mid-body", At: opened + 5*time.Second, After: 5 * time.Second, Close: CloseFIN, Exact: true})
	}
	events = append(events,
		Event{Kind: EventResponse, Conn: 3, Role: "after-404", Request: 1, Status: 404},
		Event{Kind: EventAnswered, Conn: 3, Role: "after-404", Yes: true},
		Event{Kind: EventFinished})
	r := Summarize(events)
	if r.Outcome != OutcomeMeasured || r.HTTP.Status != 0 {
		t.Errorf("%q (%s), status %d; want measured and no status", r.Outcome, r.Reason, r.HTTP.Status)
	}
	var lines []Line
	var rows []string
	for _, m := range spec.Measure {
		lines = append(lines, m.Lines(r)...)
		for _, row := range m.Rows(r) {
			rows = append(rows, row.Name)
		}
	}
	if diff := cmp.Diff([]Line{{"MID-BODY", "5 s, closed with a FIN (2 samples)"}, {"AFTER 404", "kept"}}, lines); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"inside a body", "after 404"}, rows); diff != "" {
		t.Error(diff)
	}
	if rows := Measurement("mid-body").Rows(Result{}); rows != nil {
		t.Errorf("what was not chosen has the rows %v", rows)
	}
	for role, replies := range map[Role]bool{"mid-body": false, "after-404": true, RoleControl: false, RoleHTTP2: false, RoleIdle: true, RoleHead: true} {
		if role.Replies() != replies {
			t.Errorf("%s is owed a reply: %v, want %v", role, !replies, replies)
		}
	}
	if a, b := Role("mid-body").Silence(), Role("after-404").Silence(); a != "inside a body" || b != "after a request" {
		t.Errorf("silent %q and %q", a, b)
	}
}

// What measures nothing answers nothing, so that the run is inconclusive.
func TestOwnMeasurementUnanswered(t *testing.T) {
	own(t, yesNo{traits: &traits{name: "after-404", stage: short, yes: EventAnswered}})
	spec := Spec{Target: Target{Host: "localhost"}, Measure: []Measurement{"after-404"}}.Normalize()
	for _, e := range []Event{{Kind: EventAnswered, Role: RoleHead, Yes: true}, {Kind: EventFailed, Role: "after-404"}} {
		if r := Summarize([]Event{{Kind: EventStarted, Spec: &spec}, e, {Kind: EventFinished}}); r.Outcome != OutcomeInconclusive {
			t.Errorf("after %q of %s: %q", e.Kind, e.Role, r.Outcome)
		}
	}
}

// Each measurement has a word of its own, and is usual or can be chosen.
func TestMeasurementsAreWhole(t *testing.T) {
	t.Parallel()
	seen := map[Measurement]bool{}
	for _, m := range AllMeasurements() {
		tr := m.traits()
		if seen[m] || m == "" {
			t.Errorf("%q is there twice, or empty", m)
		}
		seen[m] = true
		if tr.usual == (tr.choice != nil) {
			t.Errorf("%s: usual %v, and choice %v", m, tr.usual, tr.choice)
		}
		if c := tr.choice; c != nil && (c.Name == "" || c.About == "" || len(c.Values) == 0) {
			t.Errorf("%s: the choice %+v is not whole", m, *c)
		}
		if m.Silent() && (tr.silence == "" || (Spec{Measure: []Measurement{m}, Connections: 1}).Opens(m) == 0) {
			t.Errorf("%s is silent after %q, on no connection", m, tr.silence)
		}
	}
}
