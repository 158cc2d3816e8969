package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/cli/wire"
)

func (a *app) schema() *cobra.Command {
	names := slices.Sorted(keys(wire.Schemas()))
	return &cobra.Command{
		Use:   "schema [OUTPUT]",
		Short: "Print the JSON Schema of an output",
		Long: `schema prints the JSON Schema of what a command prints with --format json; alone
it lists the commands that have one.`,
		ValidArgs: names,
		Args:      cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				var p page
				for _, n := range names {
					p.line("%s", n)
				}
				return p.flush(a.out)
			}
			text, ok := wire.Schemas()[args[0]]
			if !ok {
				return fmt.Errorf("there is no schema %q; choose %s", model.Clean(args[0], 40), orList(names))
			}
			_, err := a.out.Write(text)
			return err
		},
	}
}
