package ui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
)

// apply carries several edits out as one step and shows what they changed.
func (a app) apply(x contract.Apply) (app, tea.Cmd) {
	before := a.s.Document()
	a, cmd := a.edit(contract.Edit{Why: x.Why, Edits: x.Edits, Seal: true})
	if a.bad {
		return a, cmd
	}
	if changed := a.standOnChange(before); changed != "" {
		return a.say(changed + ": " + contract.Judged(&a.context().Shown().Limit) + "   " + a.keys.Key(keymap.ScopeGlobal, keymap.Undo) + " takes it back"), cmd
	}
	return a.say(x.Why + "   " + a.keys.Key(keymap.ScopeGlobal, keymap.Undo) + " takes it back"), cmd
}

// changePath changes the row of hops. What was known of its legs belongs to
// other legs afterwards, so the model drops it.
func (a app) changePath(x contract.ChangePath) (app, tea.Cmd) {
	knew := slices.ContainsFunc(a.s.Document().Path.Legs, func(l model.Quantities) bool { return len(l) > 0 })
	s, err := a.s.Seal().Do(a.now, x.Why, x.Edit)
	if err != nil {
		return a.complain(err.Error()), nil
	}
	switch e := x.Edit.(type) {
	case model.Insert:
		a = a.used(e.Endpoint.System)
	case model.Choose:
		a = a.used(e.Endpoint.System)
	default:
	}
	a, cmd := a.take(s.Seal())
	c := a.context()
	a.tune.StandOnHop(c, x.Hop)
	a.leg = legOf(c, x.Hop)
	a.tune.Stand(a.context(), a.context().Side(true).Place == x.Hop, model.RoleIdle)
	still := slices.ContainsFunc(a.s.Document().Path.Legs, func(l model.Quantities) bool { return len(l) > 0 })
	if knew && !still {
		return a.say(x.Why + "; the legs' rates are dropped, " + a.keys.Key(keymap.ScopeGlobal, keymap.Undo) + " undoes"), cmd
	}
	return a.say(x.Why + "   " + a.keys.Key(keymap.ScopeGlobal, keymap.Undo) + " takes it back"), cmd
}

// legOf is the leg that a hop belongs to, the shown one where it is an end of
// two.
func legOf(c *contract.Context, hop int) int {
	if l := c.Shown(); l.Client.Place <= hop && hop <= l.Server.Place {
		return l.Index
	}
	for i := range c.Report.Legs {
		if hop <= c.Report.Legs[i].Server.Place {
			return i
		}
	}
	return 0
}

// wantEnd asks for one end of the shown leg.
func (a app) wantEnd(x contract.Pick) overlay.Wanted {
	side, word := model.FaceClient, "client"
	if x.Server {
		side, word = model.FaceServer, "server"
	}
	c := a.context()
	place := c.Side(x.Server).Place
	return overlay.Wanted{
		What: word, Now: c.Side(x.Server).System.ID,
		Fits: func(e *model.Entry) bool {
			return e.Has(side) && (a.atEnd(place) || e.Both())
		},
		Chosen: func(e model.Endpoint) contract.Action {
			return contract.Choose{Server: x.Server, Endpoint: e, Then: x.Then}
		},
	}
}

// wantOS asks for the operating system under one end of the shown leg; what is set of
// the product stays.
func (a app) wantOS(server bool) overlay.Wanted {
	side := a.context().Side(server)
	return overlay.Wanted{
		What: "system under " + string(side.Endpoint.ID), Now: side.Host.ID,
		Fits: func(e *model.Entry) bool { return e.Kind == "os" },
		Chosen: func(os model.Endpoint) contract.Action {
			return contract.Choose{Server: server, Endpoint: under(side.Endpoint, model.OSRef{System: os.System, Version: os.Version})}
		},
	}
}

func (a app) atEnd(place int) bool {
	return place == 0 || place == len(a.s.Document().Path.Endpoints)-1
}

// wantHop asks for a hop: at the ends a client or a server, between them a
// proxy, which is both, or a middlebox.
func (a app) wantHop(x contract.PickHop) overlay.Wanted {
	eps := a.s.Document().Path.Endpoints
	between := func(e *model.Entry) bool { return e.Middlebox() || e.Both() }
	at := max(0, min(x.At, len(eps)-1))
	if x.Insert {
		return overlay.Wanted{What: "hop after " + string(eps[at].ID), Fits: between, Chosen: func(e model.Endpoint) contract.Action {
			return contract.ChangePath{Why: "add " + e.String() + " after " + string(eps[at].ID), Edit: model.Insert{Index: at + 1, Endpoint: e}, Hop: at + 1}
		}}
	}
	want := overlay.Wanted{What: "hop", Now: eps[at].System, Fits: between, Chosen: func(e model.Endpoint) contract.Action {
		return contract.ChangePath{Why: e.String() + " in the place of " + string(eps[at].ID), Edit: model.Choose{Index: at, Endpoint: e}, Hop: at}
	}}
	switch at {
	case 0:
		want.What, want.Fits = "client", func(e *model.Entry) bool { return e.Client }
	case len(eps) - 1:
		want.What, want.Fits = "server", func(e *model.Entry) bool { return e.Server }
	}
	return want
}
