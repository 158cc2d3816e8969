package overlay

import (
	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
)

// Welcome asks what brings the user here; every answer leads onto the screen
// that helps.
type Welcome struct{ sel int }

var _ contract.Overlay = (*Welcome)(nil)

// NewWelcome is the question over the first screen.
func NewWelcome() *Welcome { return &Welcome{} }

type answer struct {
	text   string
	action contract.Action
}

var answers = []answer{
	{"502, 503 or 504 from a proxy, now and then", contract.Preset{
		Path: "chrome > aws-alb > nginx > node", Screen: contract.Tune, Role: model.RoleIdle, Server: true, Leg: 2, Symptom: tuning.SymptomGateway,
		Say: "RACE: the server closes while the proxy reuses. [ ] shows the other legs",
	}},
	{"connection reset or EOF when a connection is reused", contract.Preset{
		Path: "go-client > node", Screen: contract.Tune, Role: model.RoleIdle, Server: true, Symptom: tuning.SymptomReset,
		Say: "the client has to let go first: compare both idle timeouts. c s choose yours",
	}},
	{"sessions drop after a quiet period", contract.Preset{
		Path: "putty > firewall > sshd", Screen: contract.Tune, Role: model.RoleMiddleboxTTL, Symptom: tuning.SymptomQuiet, Assume: []string{"firewall:idle_timeout=5m"},
		Say: "a firewall that forgets after 5 min is assumed: = gives yours, f what helps",
	}},
	{"sessions die in short outages, even while typing", contract.Preset{
		Path: "putty/windows@7 > sshd", Screen: contract.Tune, Role: model.RoleDataRetries, Symptom: tuning.SymptomOutage, Assume: []string{"leg1:outage=60s"},
		Say: "one minute's outage is assumed: :set leg1:outage=3m gives yours, f what helps",
	}},
	{"it hangs for minutes and then fails", contract.Preset{
		Path: "libpq > firewall > postgresql", Screen: contract.Tune, Role: model.RoleMiddleboxTTL, Symptom: tuning.SymptomHang, Assume: []string{"firewall:idle_timeout=1h"},
		Say: "a firewall that forgets after an hour is assumed: = gives yours, f what helps",
	}},
	{"too many connections, or all workers are busy", contract.Preset{
		Path: "chrome > apache", Screen: contract.Tune, Role: model.RoleIdle, Server: true, Symptom: tuning.SymptomWorkers,
		Assume: []string{"apache:prefork=on", "leg1:arrivals=41"},
		Say:    "prefork and 41 connections a second are assumed: n shows them, f what helps",
	}},
	{"I know my two ends: choose client and server", contract.ChooseBoth{}},
	{"show me: test the built-in server (offline)", contract.Preset{Path: "ie@11 > built-in", Screen: contract.Test, Role: model.RoleIdle, Server: true, Test: true}},
}

// Keys is what works now.
func (o *Welcome) Keys(c *contract.Context) keymap.Scope { return c.Keys.Scope(keymap.ScopeWelcome) }

// Update takes a key.
func (o *Welcome) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	if key.Type == tea.KeyRunes && len(key.Runes) == 1 {
		if n := int(key.Runes[0] - '1'); n >= 0 && n < len(answers) {
			return contract.Close{Then: answers[n].action}
		}
	}
	id, _ := o.Keys(c).Find(key)
	switch id {
	case keymap.Accept:
		return contract.Close{Then: answers[o.sel].action}
	case keymap.Back:
		return contract.Close{}
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{}}
	default:
		by, _ := keymap.Move(id, len(answers))
		o.sel = max(0, min(o.sel+by, len(answers)-1))
	}
	return nil
}

// View draws the question.
func (o *Welcome) View(c *contract.Context, w, h int) string {
	lines := make([]string, 0, len(answers))
	for i, a := range answers {
		text := string(rune('1'+i)) + " " + a.text + " "
		if i == o.sel {
			lines = append(lines, c.Theme.Selected.Render(" "+c.Theme.Glyphs.Selected+" "+text))
			continue
		}
		lines = append(lines, "   "+text)
	}
	scope := o.Keys(c)
	keys := []keymap.Hint{labelled(scope, keymap.Accept, "or its number"), labelled(scope, keymap.Back, "straight to the screen")}
	return frame(c, "What brings you here?", lines, keys, w, h)
}
