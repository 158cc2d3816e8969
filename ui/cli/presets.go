package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/preset"
	"example.com/keeptune/ui/cli/wire"
)

var presetsFormats = map[string]func(io.Writer) error{"text": presetsText, "json": presetsJSON}

func (a *app) presets() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "presets",
		Short: "List the paths to start from, and the symptoms that lead to them",
		Long: `presets lists paths as many have them, each with what it shows, and the
symptoms that lead to them, each with the rules to look at. --preset takes one
in the place of a path, wherever a path is given, and --set changes it. The
screen offers both under "What brings you here?".

` + exitPlain,
		Example: `  keeptune presets
  keeptune --preset alb-nginx-node
  keeptune check --preset app-postgresql --set firewall:idle_timeout=30m`,
		RunE: func(*cobra.Command, []string) error {
			return choose(format, presetsFormats, func(p func(io.Writer) error) error { return p(a.out) })
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT`: text or json")
	complete(cmd, "format", "text", "json")
	return cmd
}

func presetsText(w io.Writer) error {
	var p page
	for _, x := range preset.All() {
		p.line("%s", x.ID)
		p.wrapped("  ", "  ", x.Title+": "+x.Shows)
		p.wrapped("  ", "    ", x.Path)
		if len(x.Assume) > 0 {
			p.wrapped("  assumes ", "    ", strings.Join(x.Assume, ", "))
		}
	}
	p.line("")
	p.line("SYMPTOMS")
	for _, s := range preset.Starts() {
		p.wrapped("  ", "    ", s.Text)
		p.wrapped("    --preset "+s.Preset+"  look at ", "      ", strings.Join(s.Rules, " "))
	}
	return p.flush(w)
}

func presetsJSON(w io.Writer) error {
	out := wire.Presets{Schema: wire.PresetsSchema, Version: versionText(), Knowledge: model.KnowledgeDate}
	for _, x := range preset.All() {
		out.Presets = append(out.Presets, wire.FromPreset(x))
	}
	for _, x := range preset.Starts() {
		out.Symptoms = append(out.Symptoms, wire.FromStart(x))
	}
	return wire.Print(w, out)
}
