package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/store"
)

func (a *app) resume() *cobra.Command {
	return &cobra.Command{
		Use:   "resume [NUMBER]",
		Short: "List the autosaved sessions, or open one",
		Long: `resume lists the sessions that were kept because they ended with something
unsaved: by a dropped link, a signal, or by leaving without saving. With a
number of the list it opens that one; 1 is the latest.

` + exitByErrors,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.catalogs()
			all, err := a.places.Autosaved()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return a.listAutosaved(all)
			}
			n, err := strconv.Atoi(args[0])
			switch {
			case len(all) == 0:
				return errors.New("no session was autosaved")
			case err != nil || n < 1 || n > len(all):
				return fmt.Errorf("%q is not on the list; give a number from 1 to %d", model.Clean(args[0], 40), len(all))
			}
			d, err := a.readSession(all[n-1].Path)
			if err != nil {
				return err
			}
			kept := all[n-1]
			if strings.HasPrefix(filepath.Base(kept.Path), d.Name) { // it has none but its file's
				d.Name = kept.Name
			}
			if d.Name == unnamed {
				d.Name = ""
			}
			return a.open(cmd.Context(), opening{document: d, title: a.titleOf(kept.At, d)})
		},
	}
}

// titleOf names a session without a name by when it was kept and its path.
func (a *app) titleOf(at time.Time, d model.Document) string {
	layout := "15:04"
	if at, now := at.In(a.global.zone), a.now().In(a.global.zone); at.YearDay() != now.YearDay() || at.Year() != now.Year() {
		layout = "2006-01-02 15:04"
	}
	return at.In(a.global.zone).Format(layout) + " " + d.Path.String()
}

func (a *app) listAutosaved(all []store.Saved) error {
	var p page
	if len(all) == 0 {
		p.line("no session was autosaved")
	}
	for i, s := range all {
		what := "cannot be read"
		if d, err := a.readSession(s.Path); err == nil {
			what = d.Path.String()
		}
		if s.Name != unnamed {
			what = model.Clean(s.Name, 60) + "  " + what
		}
		p.wrapped(fmt.Sprintf("%3d  ", i+1), "     ", s.At.In(a.global.zone).Format("2006-01-02 15:04:05")+"  "+what)
	}
	if len(all) > 0 {
		p.line("keeptune resume 1 opens the first of them.")
	}
	return p.flush(a.out)
}
