package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/store"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/options"
	"example.com/keeptune/ui/term"
)

// configLimit is the most bytes read of a configuration file.
const configLimit = 1 << 20

// noConfig in the place of a file's name is none.
const noConfig = "none"

// unconfigured are the commands for which nothing can be set.
var unconfigured = []string{"version", "help", "completion", "schema"}

// configFile is the file to read, and whether somebody named it.
func (a *app) configFile() (name string, named bool) {
	switch env := os.Getenv("KEEPTUNE_CONFIG"); {
	case a.global.config != "":
		return a.global.config, true
	case env != "":
		return env, true
	}
	return filepath.Join(store.UserPlaces().Config, "config.toml"), false
}

// configure reads the configuration and gives the flags that were not given what it
// says. What is wrong with it is in faults; the error is of a file that was named and
// cannot be read.
func (a *app) configure(flags *pflag.FlagSet) (options.Loaded, error) {
	var file options.File
	exists, denied := false, false
	name, named := a.configFile()
	if name == noConfig {
		name = ""
	} else {
		data, err := store.ReadLimited(name, configLimit)
		switch {
		case err == nil:
			exists = true
			file = options.Parse(name, data)
		case named:
			return options.Loaded{}, fmt.Errorf("the configuration: %w; --config none does without", err)
		case errors.Is(err, fs.ErrPermission):
			denied = true // another user's home, where only the user was changed
		case !errors.Is(err, fs.ErrNotExist):
			file.Faults = append(file.Faults, options.Fault{Text: "the configuration: " + err.Error()})
		}
	}
	given := map[string]string{}
	for _, o := range options.All() {
		if f := flags.Lookup(o.Name); f != nil && f.Changed {
			given[o.Name] = f.Value.String()
		}
	}
	c := options.Load(file, os.Getenv, given)
	c.Path, c.Exists, c.Denied = name, exists, denied
	for _, v := range c.Set {
		f := flags.Lookup(v.Name)
		if f == nil || f.Changed || !v.Own() || !takes(f, v.Text) {
			continue
		}
		if err := f.Value.Set(v.Text); err != nil { // it was checked
			return c, fmt.Errorf("%s: %w", v.Origin, err)
		}
	}
	return c, nil
}

// takes reports whether a flag that takes certain words takes this one.
func takes(f *pflag.Flag, word string) bool {
	list, ok := f.Annotations[takesWords]
	return !ok || slices.Contains(list, word)
}

// takesWords is the annotation of a flag that takes certain words.
const takesWords = "keeptune_words"

// configured settles what is set before a command runs. A configuration that is wrong
// does not keep anybody from the screen, which tells it; every other command ends.
func (a *app) configured(cmd *cobra.Command) error {
	a.config.Keys = keymap.New()
	if a.unconfigured(cmd) {
		return nil
	}
	var err error
	if a.config, err = a.configure(cmd.Flags()); err != nil || len(a.config.Faults) == 0 || cmd.Name() == "config" {
		return err
	}
	usable, _ := term.Usable(a.in, a.outFile, os.Getenv("TERM"))
	if usable && !a.global.plain && (cmd == cmd.Root() || cmd.Name() == "demo" || cmd.Name() == "resume" && cmd.Flags().NArg() > 0) {
		return nil
	}
	return wrong(a.config.Faults)
}

func (a *app) unconfigured(cmd *cobra.Command) bool {
	for ; cmd.HasParent(); cmd = cmd.Parent() {
		if slices.Contains(unconfigured, cmd.Name()) {
			return true
		}
	}
	return false
}

// wrong is the first thing that is wrong, nil for none.
func wrong(faults []options.Fault) error {
	switch n := len(faults); n {
	case 0:
		return nil
	case 1:
		return faults[0]
	default:
		return fmt.Errorf("%w; keeptune config tells %d more", faults[0], n-1)
	}
}

func (a *app) configCommand() *cobra.Command {
	var whole bool
	cmd := &cobra.Command{
		Use:   "config",
		Short: "List the options, their values and where each is from",
		Long: `config lists what can be set about keeptune itself, the value that holds, and
where it is from: a flag comes before a variable of the environment, a variable
before the configuration file, the file before the default. With --print it
writes a whole configuration file with a comment for every option and every key
binding; what is as shipped is commented out.

The file is config.toml in keeptune of the configuration directory, or the one
that --config or KEEPTUNE_CONFIG names; none reads none.

Exit codes: 0 clean, 2 something in the configuration is wrong, 70 the program
crashed, 128+n ended by signal n.`,
		Example: `  keeptune config
  mkdir -p ~/.config/keeptune
  keeptune config --print > ~/.config/keeptune/config.toml`,
		RunE: func(*cobra.Command, []string) error {
			var p page
			if whole {
				p.b.WriteString(a.config.Written())
			} else {
				configText(&p, a.config)
			}
			return errors.Join(p.flush(a.out), a.told())
		},
	}
	cmd.Flags().BoolVar(&whole, "print", false, "write a configuration file with a comment for each option and key")
	return cmd
}

// told writes all that is wrong to standard error and is how the command ends then.
func (a *app) told() error {
	for _, f := range a.config.Faults {
		if _, err := fmt.Fprintf(a.errs, "keeptune: %s\n", f.Error()); err != nil {
			return err
		}
	}
	if len(a.config.Faults) > 0 {
		return &exit{code: exitUsage}
	}
	return nil
}

// configText is the list of options, to be read in 80 columns.
func configText(p *page, c options.Loaded) {
	p.wrapped("", "      ", c.Reads())
	p.line("\n%-15s %-16s %s", "OPTION", "VALUE", "FROM")
	for _, v := range c.Set {
		p.lines(row([]int{15, 16, width - 33}, v.Name, model.Clean(v.Text, 60), v.Origin))
	}
	shipped := keymap.New()
	head := false
	for _, s := range c.Keys.Scopes() {
		was := shipped.Scope(s.ID)
		for i, b := range s.Bindings {
			if slices.Equal(b.Keys, was.Bindings[i].Keys) {
				continue
			}
			if !head {
				p.line("\n%-15s %-16s %s", "KEY", "INSTEAD OF", "WHAT IT DOES")
				head = true
			}
			p.lines(row([]int{15, 16, width - 33}, keysText(b), keysText(was.Bindings[i]), s.Title+": "+b.Long))
		}
	}
}

func keysText(b keymap.Binding) string {
	if len(b.Keys) == 0 {
		return "none"
	}
	return strings.TrimSpace(b.Labels())
}
