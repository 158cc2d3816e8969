package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/host"
	"example.com/keeptune/tuning/machine"
)

// running are the servers of this host, read when the first is asked for.
type running struct {
	app     *app
	netns   string
	machine *machine.Machine
}

// serverRows are the settings of a server, or why they are not known.
type serverRows struct {
	rows   []tuning.Row
	loaded string // is put behind the place of each
	why    string // a clause
}

// of are the servers of a system that run and whose main file is known.
func (r *running) of(ctx context.Context, id model.SystemID) (found []*machine.Program, err error) {
	if r.machine == nil {
		m, err := host.Machine(ctx, machine.Options{Catalog: r.app.catalogs(), Namespace: r.netns, Unchecked: true})
		if err != nil {
			return nil, err
		}
		r.machine = &m
	}
	for i := range r.machine.Programs {
		if p := &r.machine.Programs[i]; p.System == id && p.Runs() && p.Main != "" {
			found = append(found, p)
		}
	}
	return found, nil
}

// rows are the settings with which the only server of an endpoint's system runs.
func (r *running) rows(ctx context.Context, d model.Document, f *verifyFlags, e *model.Endpoint) (serverRows, error) {
	found, err := r.of(ctx, e.System)
	if err != nil {
		return serverRows{}, err
	}
	var mains []string
	for _, p := range found {
		mains = append(mains, p.Main)
	}
	name := model.Clean(string(e.System), 40)
	switch {
	case len(found) == 0:
		return serverRows{why: "no " + name + " with a configuration is seen to run here; name the configuration that sets it"}, nil
	case len(found) > 1:
		return serverRows{why: fmt.Sprintf("%d of %s run here, with %s; name the configuration that is meant", len(found), name, strings.Join(mains, " and "))}, nil
	}
	p := found[0]
	if len(p.Edited) > 0 {
		at := p.Edited[0].Changed.In(r.app.global.zone).Format(time.DateTime)
		return serverRows{why: fmt.Sprintf("%s was edited at %s and not loaded since, so what runs is not known", p.Edited[0].File, at)}, nil
	}
	if p.Unread != "" {
		return serverRows{why: p.Unread}, nil
	}
	said, all, err := r.app.fileRows(d, f, []string{p.Import.Files[p.Main]})
	if err != nil {
		return serverRows{why: model.Clean(err.Error(), 200)}, nil
	}
	out := serverRows{rows: said[e.ID], loaded: ", and when it was loaded is not known"}
	if !p.Loaded.IsZero() {
		out.loaded = ", loaded at " + p.Loaded.In(r.app.global.zone).Format(time.DateTime)
	}
	switch {
	case out.rows != nil:
	case len(said) == 0 && p.Told == nil: // it says nothing, so its defaults are in force
		out.rows = all[e.ID]
	default:
		out.why = p.Main + " says nothing of connections"
	}
	return out, nil
}
