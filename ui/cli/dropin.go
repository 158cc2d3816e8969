package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/store"
	"example.com/keeptune/tuning/trial"
)

// A dropping plans files for the folders that this host's servers include, for changes of
// servers whose configurations were not opened.
type dropping struct {
	running
	place *trial.Place

	refused []trial.Refused
	notes   []string
}

// plan takes in what an export has written, and leaves what is for no server of this host.
func (x *dropping) plan(ctx context.Context, d model.Document, files []native.File) (rest []native.File, err error) {
	var opened []string
	for _, w := range x.place.Servers {
		if s, ok := w.Target.(*trial.Server); ok {
			opened = append(opened, s.Program)
		}
	}
	for i := range files {
		f := &files[i]
		if f.Unowned || !slices.Contains(x.place.Endpoints, f.Endpoint) || !slices.Contains(native.DropIns(), f.Format) || slices.Contains(opened, f.Format) {
			rest = append(rest, *f)
			continue
		}
		all, err := x.of(ctx, model.SystemID(f.Format))
		if err != nil {
			return nil, err
		}
		main, err := mainOf(all, f.Format)
		if err == nil {
			err = x.drop(d, f, main)
		}
		if err != nil {
			x.refused = append(x.refused, trial.Refused{Name: string(f.Endpoint), Why: err.Error()})
		}
	}
	return rest, nil
}

// mainOf is the configuration that the only one of a format's servers reads.
func mainOf(all []*machine.Program, format string) (string, error) {
	var mains []string
	contained := false
	for _, p := range all {
		if p.Import.Files[p.Main] != p.Main {
			contained = true
			continue
		}
		if !slices.Contains(mains, p.Main) {
			mains = append(mains, p.Main)
		}
	}
	open := "open its configuration to try it, as in keeptune apply SESSION.toml "
	switch {
	case len(mains) == 1:
		return mains[0], nil
	case len(mains) > 1:
		return "", fmt.Errorf("%d of %s run here, with %s; %s%s", len(mains), format, strings.Join(mains, " and "), open, mains[0])
	case contained:
		return "", fmt.Errorf("%s runs in a container, whose files come from its image: keeptune export writes them", format)
	}
	return "", fmt.Errorf("no %s is seen to run here; %s%s", format, open, trial.Main(format))
}

// drop plans one file.
func (x *dropping) drop(d model.Document, f *native.File, main string) error {
	data, err := store.ReadLimited(main, native.MaxSize)
	if err != nil {
		return err
	}
	in, err := native.NewDropIn(f.Format, native.Source{
		Name: main, Path: filepath.ToSlash(main), Data: data, Root: "/", Files: store.Configs{Limit: native.MaxSize},
	}, f.Content, x.app.catalogs())
	if err != nil {
		return fmt.Errorf("%w; open it to try it, as in keeptune apply SESSION.toml %s", err, main)
	}
	for _, w := range x.place.Servers {
		if s, ok := w.Target.(*trial.Server); ok && s.Files[0].Path == in.File.Path {
			return fmt.Errorf("%s is another endpoint's already; --at names the one that is this host", in.File.Path)
		}
	}
	for _, text := range in.Apart {
		x.notes = append(x.notes, text+": there it stays so.")
	}
	s := trial.NewServer(f.Format, main, []native.RewrittenFile{in.File})
	s.Closes = x.app.closes(d, model.SystemID(f.Format))
	if f.Format == "sshd" {
		s.Says = in.Lines
	}
	x.place.Servers = append(x.place.Servers, trial.Wish{Target: s, To: s.Changed()})
	return nil
}
