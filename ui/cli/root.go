package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/keeptune/model"
)

// root is the command tree.
func (a *app) root() *cobra.Command {
	var where connection
	var left leaving
	root := &cobra.Command{
		Use:   "keeptune [PATH|SESSION.toml|CONFIG…]",
		Short: "Tune connection keep-alive: both ends, the limit between them, the proof",
		Long: `keeptune shows the keep-alive settings of both ends of a connection side by
side, says which of them limits it, whether reuse is safe and how long a dead
peer goes unnoticed, tests a real server, and writes the configuration.

Without a command it opens the terminal UI, with --plain in lines of text; where
there is no terminal it prints what keeptune check would, and ends as it does.
With --format or --output the check of the last state is printed, or written,
when the screen ends.

Configurations are opened as they are, several at once: keeptune haproxy.cfg
sysctl.conf. The screen writes what is changed back into them.

A path is written client first: 'curl > nginx@1.30/linux > node@22'. A setting
is [ENDPOINT:]PARAM=VALUE, such as server:keepalive_timeout=75s.

` + exitByErrors,
		Example: `  keeptune
  keeptune 'chrome > nginx'
  keeptune --client ie@11 --server apache
  keeptune 'chrome > nginx > node@22' --set nginx.keepalive_timeout=30s
  keeptune edge-3.toml
  keeptune edge-3.toml --format markdown --output ticket.md
  keeptune /etc/nginx/nginx.conf /etc/sysctl.conf`,
		Args:          cobra.ArbitraryArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.configured(cmd); err != nil {
				return err
			}
			a.redacting(cmd)
			if err := a.global.check(a.redactedFile); err != nil {
				return err
			}
			// Not the arguments: a --header may hold a password.
			a.global.debugLog.Info("start", "command", cmd.CommandPath(), "version", versionText(), "knowledge", model.KnowledgeDate, "os", runtime.GOOS, "arch", runtime.GOARCH)
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			args, err := where.typedPath(args)
			if err != nil {
				return err
			}
			if err := a.notACommand(cmd, args); err != nil {
				return err
			}
			left, err := left.wanted(cmd)
			if err != nil {
				return err
			}
			layings, file, err := a.documents(&where, args, startPath)
			if x, asks := a.asks(err, &where, args); asks {
				d, err := a.document(&connection{}, nil, startPath)
				if err != nil {
					return err
				}
				return a.open(cmd.Context(), opening{document: d, ask: x, left: left})
			}
			if err != nil {
				return err
			}
			worst, err := a.worst(layings)
			if err != nil {
				return err
			}
			where.read.chosen = worst.Chosen
			if worst.Document, err = a.accepting(&where, worst.Document); err != nil {
				return err
			}
			return a.open(cmd.Context(), opening{
				document: worst.Document, file: file, read: where.read, layings: layings, preset: where.preset, welcome: len(args) == 0 && !where.given(), left: left,
			})
		},
	}
	root.SetFlagErrorFunc(flagError)
	root.SetUsageFunc(usage)
	a.global.flags(root.PersistentFlags())
	where.flags(root)
	left.flags(root)
	root.AddCommand(
		a.check(),
		a.solve(),
		a.explain(),
		a.calc(),
		a.probe(),
		a.serve(),
		a.export(),
		a.imports(),
		a.systems(),
		a.presets(),
		a.schema(),
		a.lab(),
		a.host(),
		a.census(),
		a.pcap(),
		a.watch(),
		a.apply(),
		a.sockets(),
		a.confirm(),
		a.revert(),
		a.status(),
		a.verify(),
		a.demo(),
		a.resume(),
		a.configCommand(),
		a.man(),
		a.version(),
	)
	for _, c := range root.Commands() {
		if c.Args == nil {
			c.Args = noArgs
		}
	}
	root.SetIn(a.in)
	root.SetOut(a.outFile) // before completion is made, which keeps what it finds
	root.SetErr(a.errsFile)
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			for _, shell := range c.Commands() { // one of their lines is longer
				shell.Long = strings.ReplaceAll(shell.Long, "via your OS's package manager", "with the system's packages")
			}
			c.Args, c.RunE = cobra.ArbitraryArgs, whichShell
		}
	}
	return root
}

// flagError says what is wrong with a flag, in the program's own words.
func flagError(cmd *cobra.Command, err error) error {
	text := strings.ReplaceAll(err.Error(), ": --", " --")
	if missing, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		text = "--" + missing.GetSpecifiedName() + " needs a value"
	}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok && unknown.GetSpecifiedShortnames() != "" {
		text = "there is no flag -" + unknown.GetSpecifiedName()
	}
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		takes := "another value"
		switch bad.GetFlag().Value.Type() {
		case "int", "uint", "int64", "uint64":
			takes = "a whole number"
		case "bool":
			takes = "true or false"
		}
		text = fmt.Sprintf("--%s takes %s, not %q", bad.GetFlag().Name, takes, model.Clean(bad.GetValue(), 60))
	}
	return fmt.Errorf("%s; %s --help lists the flags", text, cmd.CommandPath())
}

// startPath is what the program begins with when nothing is said.
const startPath = "chrome > nginx"

// notACommand finds a mistyped command among what could be session files.
func (a *app) notACommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	first := args[0]
	if strings.TrimSpace(first) == "" {
		return errors.New("the name of a file or a command is empty; keeptune alone opens the first screen")
	}
	if _, err := os.Stat(first); !errors.Is(err, fs.ErrNotExist) || strings.ContainsAny(first, "./\\") {
		return nil
	}
	if e, err := model.ParseEndpoint(first, a.catalogs()); err == nil {
		return fmt.Errorf("%s is one end of a path; name both: keeptune 'CLIENT > SERVER'", e)
	}
	cmd.SuggestionsMinimumDistance = 2
	text := fmt.Sprintf("there is no command and no session file %q", model.Clean(first, 60))
	if near := cmd.SuggestionsFor(first); len(near) > 0 {
		text += "; did you mean keeptune " + strings.Join(near, " or keeptune ") + "?"
	} else {
		text += "; keeptune --help lists the commands"
	}
	return errors.New(text)
}

// whichShell answers completion without a shell that is known.
func whichShell(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("which shell? write keeptune completion bash, zsh, fish or powershell")
	}
	return fmt.Errorf("there is no completion for %q; write bash, zsh, fish or powershell", model.Clean(args[0], 60))
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%q is too much; it is used as: %s", model.Clean(args[0], 60), cmd.UseLine())
	}
	return nil
}

// unwrapPath takes the path out of a file error whose sentence names it already.
func unwrapPath(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}
