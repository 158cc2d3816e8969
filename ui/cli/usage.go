package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// usage writes how a command is used, flags in 80 columns. It is what cobra's own template says,
// but no template: with one the linker has to keep every exported method there is.
func usage(c *cobra.Command) error {
	var sb strings.Builder
	add := func(format string, args ...any) { fmt.Fprintf(&sb, format, args...) }
	add("Usage:")
	if c.Runnable() {
		add("\n  %s", c.UseLine())
	}
	if c.HasAvailableSubCommands() {
		add("\n  %s [command]", c.CommandPath())
	}
	if c.HasExample() {
		add("\n\nExamples:\n%s", c.Example)
	}
	if c.HasAvailableSubCommands() {
		add("\n\nAvailable Commands:")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == "help" {
				add("\n  %-*s %s", sub.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	for _, flags := range []struct {
		any   bool
		title string
		text  func(int) string
	}{
		{c.HasAvailableLocalFlags(), "Flags", c.LocalFlags().FlagUsagesWrapped},
		{c.HasAvailableInheritedFlags(), "Global Flags", c.InheritedFlags().FlagUsagesWrapped},
	} {
		if flags.any {
			add("\n\n%s:\n%s", flags.title, strings.TrimRight(flags.text(80), " \n"))
		}
	}
	if c.HasAvailableSubCommands() {
		add("\n\nUse \"%s [command] --help\" for more information about a command.", c.CommandPath())
	}
	_, err := fmt.Fprintln(c.OutOrStderr(), sb.String())
	return err
}
