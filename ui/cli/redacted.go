package cli

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/store"
	"example.com/keeptune/ui/cli/wire"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/redact"
)

// redacting begins to put stand-ins into all that is printed, where --redact asks for it.
func (a *app) redacting(cmd *cobra.Command) {
	if !a.global.redact {
		return
	}
	a.redact = redact.New(ownWords(cmd.Root()), a.addedWords())
	if host, err := os.Hostname(); err == nil {
		a.redact.Given(host)
	}
	if home, err := os.UserHomeDir(); err == nil && len(home) > 1 {
		a.redact.Given(home)
	}
	if cmd.Name() != "explain" { // what it is asked in words is none of anybody's names
		for _, arg := range a.args {
			a.given(arg)
		}
	}
	out := a.redact.Writer(a.outFile)
	a.out, a.flush = out, out.Flush
	a.errs = plainly{a.redact, a.errsFile}
}

// given is an argument: a word, a flag with its value, or a file.
func (a *app) given(arg string) {
	a.redact.Given(arg)
	if flag, value, ok := strings.Cut(arg, "="); ok && strings.HasPrefix(flag, "--") {
		arg = value
	}
	if !strings.ContainsAny(arg, `./\`) || strings.ContainsAny(arg, " >:") || strings.Trim(arg, `./\`) == "" {
		return
	}
	if _, err := os.Stat(arg); err == nil {
		a.redact.Path(arg)
	}
}

// plainly writes what is a whole text each time.
type plainly struct {
	r  *redact.Redactor
	to io.Writer
}

func (p plainly) Write(text []byte) (int, error) {
	_, err := io.WriteString(p.to, p.r.Text(string(text)))
	return len(text), err
}

// redactedFile is what is written to a file that others may be given.
func (a *app) redactedFile(w io.Writer) io.Writer {
	if a.redact == nil {
		return w
	}
	return a.redact.Writer(w)
}

// readFiles reads the files that a configuration includes, and notes their names and
// words.
type readFiles struct {
	store.Configs
	r *redact.Redactor
}

// Read is the content of a file.
func (f readFiles) Read(name string) ([]byte, error) {
	data, err := f.Configs.Read(name)
	f.r.Path(filepath.FromSlash(name))
	f.r.Given(string(data))
	return data, err
}

// noteSession notes what a session has of somebody's names.
func (a *app) noteSession(d model.Document) {
	if a.redact == nil {
		return
	}
	a.redact.Name(d.Name)
	a.redact.Given(d.Target, d.Notes)
	for _, e := range d.Path.Endpoints {
		for _, s := range e.Settings {
			a.redact.Given(s.Origin.Where)
			a.redact.Path(s.Origin.Where)
		}
	}
	for _, s := range d.Suppressed {
		a.redact.Given(s.Reason)
	}
}

// ownWords are the words that keeptune itself uses: those of the first tree of commands,
// of which every other is a copy.
var ownWords = onceFor(func(root *cobra.Command) redact.Words {
	var all []string
	var commands func(*cobra.Command)
	commands = func(c *cobra.Command) {
		all = append(all, c.Use, c.Short, c.Long)
		for _, flags := range []*pflag.FlagSet{c.LocalFlags(), c.PersistentFlags()} {
			flags.VisitAll(func(f *pflag.Flag) { all = append(all, f.Name, f.Usage, f.DefValue) })
		}
		for _, sub := range c.Commands() {
			commands(sub)
		}
	}
	commands(root)
	all = append(all, keymap.New().Markdown(), environment)
	for _, text := range wire.Schemas() {
		all = append(all, string(text))
	}
	for _, f := range native.Formats() {
		all = append(all, f.ID(), f.Title())
	}
	for _, r := range tuning.Rules() {
		all = textsOf(all, reflect.ValueOf(*r))
	}
	systems, _ := model.Embedded().All() // a test reads them all
	for _, s := range systems {
		all = textsOf(all, reflect.ValueOf(*s))
	}
	return redact.WordsOf(all...)
})

// onceFor calls f once, with what the first call is given.
func onceFor[A, B any](f func(A) B) func(A) B {
	var once sync.Once
	var made B
	return func(given A) B {
		once.Do(func() { made = f(given) })
		return made
	}
}

// addedWords are the words of the systems that the user's catalogs add or change.
func (a *app) addedWords() redact.Words {
	var all []string
	systems, _ := a.catalogs().All() // what cannot be read is told by its command
	for _, s := range systems {
		if s.Origin != "" {
			known := *s
			known.Origin = "" // a path of the user's
			all = textsOf(all, reflect.ValueOf(known))
		}
	}
	return redact.WordsOf(all...)
}

// textsOf appends every text in a value.
func textsOf(all []string, v reflect.Value) []string {
	seen := map[uintptr]bool{}
	var in func(reflect.Value)
	in = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			all = append(all, v.String())
		case reflect.Pointer:
			if !v.IsNil() && !seen[v.Pointer()] {
				seen[v.Pointer()] = true
				in(v.Elem())
			}
		case reflect.Struct:
			for _, f := range v.Fields() {
				in(f)
			}
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				in(v.Index(i))
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				in(k)
				in(v.MapIndex(k))
			}
		default:
		}
	}
	in(v)
	return all
}
