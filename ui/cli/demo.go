package cli

import (
	"github.com/spf13/cobra"

	"example.com/keeptune/model"
)

// demoPath is a client with two limiters before the built-in server.
const demoPath = "ie@11 > built-in"

func (a *app) demo() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Open the UI against the built-in server, offline",
		Long: `demo opens the terminal UI with a path of two and the built-in server as the
target of its live test. Nothing leaves this machine.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := model.ParsePath(demoPath, a.catalogs())
			if err != nil {
				return err
			}
			return a.open(cmd.Context(), opening{document: model.Document{Name: "demo", Path: p}, test: true})
		},
	}
}
