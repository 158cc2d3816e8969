package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
)

// Version is the program's version; a release sets it with -ldflags -X.
var Version = ""

// versionText is the version, from the build where none was set.
func versionText() string {
	if Version != "" {
		return Version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of the program and of its knowledge",
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.out, "keeptune %s, knowledge of %s, %s %s/%s\n",
				versionText(), model.KnowledgeDate, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
