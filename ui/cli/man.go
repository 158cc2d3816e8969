package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/keymap"
)

func (a *app) man() *cobra.Command {
	return &cobra.Command{
		Use:   "man",
		Short: "Print the manual page: keeptune man | man -l -",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var p page
			manPage(&p, cmd.Root(), a.config.Keys)
			return p.flush(a.out)
		},
	}
}

// manPage writes the manual from the command tree and the key map, in the man
// macros of roff.
func manPage(p *page, root *cobra.Command, keys keymap.Map) {
	p.line(`.TH KEEPTUNE 1 %q "keeptune %s" "User Commands"`, model.KnowledgeDate, versionText())
	p.line(".SH NAME\nkeeptune \\- %s", troff(strings.ToLower(root.Short[:1])+root.Short[1:]))
	p.line(".SH SYNOPSIS\n.B %s\n.RI [ options ]\n.br\n.B keeptune\n.I command\n.RI [ options ]", troff(root.Name()))
	manText(p, "DESCRIPTION", root.Long)
	p.line(".SH OPTIONS")
	manFlags(p, root.LocalNonPersistentFlags())
	manFlags(p, root.PersistentFlags())
	p.line(".SH COMMANDS")
	for _, c := range root.Commands() {
		if !c.IsAvailableCommand() {
			continue
		}
		p.line(".SS %s", troff(c.UseLine()))
		text := c.Long
		if text == "" {
			text = c.Short + "."
		}
		paragraphs(p, withoutExit(text))
		manFlags(p, c.LocalNonPersistentFlags())
		if c.Example != "" {
			p.line(".PP\n.EX\n%s\n.EE", troff(c.Example))
		}
	}
	p.line(".SH KEYS")
	scope := ""
	for _, r := range keys.Table() {
		if r.Scope != scope {
			scope = r.Scope
			p.line(".SS %s", troff(scope))
		}
		p.line(".TP\n.B %s\n%s", troff(r.Keys), troff(r.What))
	}
	manText(p, "EXIT STATUS", exitStatus)
	manText(p, "ENVIRONMENT", environment)
	manText(p, "FILES", files)
}

// withoutExit leaves out what a section of its own says.
func withoutExit(text string) string {
	text, _, _ = strings.Cut(text, "Exit codes: ")
	return text
}

func manText(p *page, title, text string) {
	p.line(".SH %s", title)
	paragraphs(p, withoutExit(text))
}

// paragraphs writes text whose paragraphs stand apart by an empty line.
func paragraphs(p *page, text string) {
	for i, part := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			p.line(".PP")
		}
		p.line("%s", troff(part))
	}
}

func manFlags(p *page, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		kind, usage := pflag.UnquoteUsage(f)
		if kind != "" {
			kind = fmt.Sprintf(" \\fI%s\\fP", troff(kind))
		}
		p.line(".TP\n\\fB\\-\\-%s\\fP%s\n%s", troff(f.Name), kind, troff(usage))
	})
}

// troff keeps text from being read as a request or an escape.
func troff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}

const environment = `NO_COLOR switches colours off. SSH_TTY and SSH_CONNECTION lower the frame rate.

Every option of the configuration file has a variable, such as KEEPTUNE_THEME;
keeptune config --print names them. KEEPTUNE_CONFIG is the file to read.

KEEPTUNE_CLIPBOARD is auto, native, osc52 or off; KEEPTUNE_CLIPBOARD_WRAP is
none, tmux or screen: how text is sent to the terminal's clipboard.

XDG_CONFIG_HOME, XDG_STATE_HOME and XDG_DATA_HOME say where the files below are.`

const files = `~/.config/keeptune/config.toml has options and key bindings; keeptune config
--print writes one. A flag comes before a variable, a variable before the file.

~/.config/keeptune/systems/*.toml and ./keeptune.d/*.toml add systems to the
catalog, or replace its entries.

~/.local/state/keeptune/autosave keeps sessions that ended with something
unsaved; keeptune resume opens them. Crash reports are kept beside it, and in
~/.local/state/keeptune/recent the ids of the systems used last.`
