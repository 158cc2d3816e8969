package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/systempage"
)

var systemsFormats = map[string]func(io.Writer, listed) error{
	"text": systemsText, "json": systemsJSON, "markdown": systemsMarkdown,
}

func (a *app) systems() *cobra.Command {
	var format, between string
	cmd := &cobra.Command{
		Use:   "systems [ID[@VERSION]]",
		Short: "List what is known: products, versions, defaults, sources",
		Long: `systems lists the catalog: which kind each system is of, its versions, and
whether it was run by this project (both sides, or the one named) or is known
from documents only. With an id it shows all that is known of that system at a
version: what changed since the version before, how each side closes and treats
hints, and each parameter with default, unit, range and source; with
--changed-between what differs between two versions. Files of your own in
keeptune/systems of the configuration directory, or in ./keeptune.d, add to the
catalog or replace its entries; what comes from them is marked with the file.

` + exitPlain,
		Example: `  keeptune systems
  keeptune systems node@22 --format markdown
  keeptune systems --changed-between nginx@1.28..1.30`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			s, bad, err := a.systemsFound(args, between)
			if err != nil {
				return err
			}
			if err := choose(format, systemsFormats, func(p func(io.Writer, listed) error) error { return p(a.out, s) }); err != nil {
				return err
			}
			return bad
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return a.systemIDs(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT`: text, json or markdown")
	cmd.Flags().StringVar(&between, "changed-between", "", "what changed: `ID@FROM..TO`")
	complete(cmd, "format", "text", "json", "markdown")
	return cmd
}

// systemIDs are the ids of the catalog, for completion.
func (a *app) systemIDs() []string {
	all, _ := a.catalogs().Entries() // what cannot be read cannot be offered
	ids := make([]string, len(all))
	for i, e := range all {
		ids[i] = offered(e)
	}
	return ids
}

// offered is a system as a shell's completion shows it.
func offered(e *model.Entry) string {
	return fmt.Sprintf("%s\t%s, %s, %s", e.ID, model.Clean(e.Name, 60), e.Kind, systempage.Proved(e))
}

// systemsFound is what was asked for. bad are files that cannot be read; they
// do not hide the others.
func (a *app) systemsFound(args []string, between string) (out listed, bad, err error) {
	switch {
	case between != "" && len(args) > 0:
		return out, nil, errors.New("--changed-between names the system; leave out the other one")
	case between != "":
		s, from, to, err := a.versions(between)
		if err != nil {
			return out, nil, fmt.Errorf("--changed-between: %w", err)
		}
		out = listed{systems: []*model.System{s}, from: from, at: to, changes: s.Changes(from, to)}
		if out.changes == nil {
			out.changes = []model.Change{}
		}
		return out, nil, nil
	case len(args) == 1:
		e, err := model.ParseEndpoint(args[0], a.catalogs())
		if err != nil {
			return out, nil, err
		}
		s, err := a.catalogs().System(e.System)
		if err != nil {
			return out, nil, err
		}
		return listed{systems: []*model.System{s}, at: e.VersionOf(s), whole: true}, nil, nil
	}
	out.systems, bad = a.catalogs().All()
	return out, bad, nil
}

// versions reads ID@FROM..TO.
func (a *app) versions(text string) (s *model.System, from, to model.Version, err error) {
	before, after, ok := strings.Cut(text, "..")
	id, _, at := strings.Cut(before, "@")
	if !ok || !at || after == "" {
		return nil, "", "", fmt.Errorf("%q is not ID@FROM..TO, such as nginx@1.28..1.30", model.Clean(text, 80))
	}
	first, err := model.ParseEndpoint(before, a.catalogs())
	if err != nil {
		return nil, "", "", err
	}
	second, err := model.ParseEndpoint(id+"@"+after, a.catalogs())
	if err != nil {
		return nil, "", "", err
	}
	if s, err = a.catalogs().System(first.System); err != nil {
		return nil, "", "", err
	}
	if second.System != first.System {
		return nil, "", "", fmt.Errorf("%s and %s are different systems here", first, second)
	}
	return s, first.Version, second.Version, nil
}
