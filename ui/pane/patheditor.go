package pane

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
)

// A pathEditor is the path line while it has the keys.
type pathEditor struct{ hop int }

func (p *pathEditor) stand(c *contract.Context, hop int) {
	p.hop = max(0, min(hop, len(c.Session.Document().Path.Endpoints)-1))
}

// StandOnHop selects a hop of the path, if the path is being edited.
func (t *Tune) StandOnHop(c *contract.Context, hop int) {
	if t.path != nil {
		t.path.stand(c, hop)
	}
}

// LeavePath gives the keys back to the settings.
func (t *Tune) LeavePath() { t.path = nil }

// note names the selected hop.
func (p *pathEditor) note(c *contract.Context) string {
	eps := c.Session.Document().Path.Endpoints
	p.stand(c, p.hop)
	return fmt.Sprintf("path: %s is hop %d of %d; %s %s select, %s is done", eps[p.hop].ID, p.hop+1, len(eps),
		c.Keys.Key(keymap.ScopePathBar, keymap.Left), c.Keys.Key(keymap.ScopePathBar, keymap.Right), back(c))
}

// editPath gives a key to the path.
func (t *Tune) editPath(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := t.Keys(c).Find(key)
	p, eps := t.path, c.Session.Document().Path.Endpoints
	last := len(eps) - 1
	p.stand(c, p.hop)
	name := string(eps[p.hop].ID)
	switch id {
	case keymap.Left:
		return p.selects(c, p.hop-1)
	case keymap.Right:
		return p.selects(c, p.hop+1)
	case keymap.Top:
		return p.selects(c, 0)
	case keymap.Bottom:
		return p.selects(c, last)
	case keymap.PrevLeg, keymap.NextLeg:
		return p.leg(c, id == keymap.NextLeg)
	case keymap.Edit:
		return contract.PickHop{At: p.hop}
	case keymap.AddHop:
		if p.hop == last {
			return contract.PickHop{At: last - 1, Insert: true}
		}
		return contract.PickHop{At: p.hop, Insert: true}
	case keymap.RemoveHop:
		if p.hop == 0 || p.hop == last {
			return contract.Say{Text: "a path needs both ends: " + c.Keys.Key(keymap.ScopePathBar, keymap.Edit) + " chooses another system for " + name}
		}
		return contract.ChangePath{Why: "remove " + name, Edit: model.Remove{Index: p.hop}, Hop: p.hop}
	case keymap.MoveBack:
		if p.hop == 0 {
			return contract.Say{Text: name + " is the first hop already"}
		}
		return contract.ChangePath{Why: "move " + name + " before " + string(eps[p.hop-1].ID), Edit: model.Move{Index: p.hop - 1}, Hop: p.hop - 1}
	case keymap.MoveOn:
		if p.hop == last {
			return contract.Say{Text: name + " is the last hop already"}
		}
		return contract.ChangePath{Why: "move " + name + " behind " + string(eps[p.hop+1].ID), Edit: model.Move{Index: p.hop}, Hop: p.hop + 1}
	case keymap.Why:
		return contract.Show{Screen: contract.Why}
	case keymap.Fix:
		return fix(c, nil)
	case keymap.EditPath:
		t.path = nil
	default:
	}
	return nil
}

// selects goes to a hop and shows its leg.
func (p *pathEditor) selects(c *contract.Context, hop int) contract.Action {
	p.stand(c, hop)
	shown := c.Shown()
	if shown.Client.Place <= p.hop && p.hop <= shown.Server.Place {
		return nil
	}
	return contract.GoLeg{By: legOf(c, p.hop).Index - shown.Index}
}

// leg shows another leg and selects its first hop.
func (p *pathEditor) leg(c *contract.Context, next bool) contract.Action {
	n, by := len(c.Report.Legs), -1
	if next {
		by = 1
	}
	p.stand(c, c.Report.Legs[(c.Shown().Index+by+n)%n].Client.Place)
	return contract.GoLeg{By: by}
}
