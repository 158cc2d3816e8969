package cli

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/store"
	"example.com/keeptune/ui/cli/wire"
)

func (a *app) imports() *cobra.Command {
	var format string
	var where connection
	cmd := &cobra.Command{
		Use:   "import FILE…|-",
		Short: "Read configurations and print the session they make",
		Long: `import reads a session, or configurations with what they include, and prints the
session. A file that carries no session is laid over the path that --client and
--server or --path name, or over its own system with a usual other end.

A configuration of several contexts (servers, locations, backends, Match
blocks) is listed with what each sets; --where picks one. Several files of
HAProxy, or a folder of them, are one configuration in the order in which it
reads them. What was not understood or not used is told on standard error, with
file and line.

` + exitPlain,
		Example: `  keeptune import 10-nginx.conf > edge-3.toml
  keeptune import /etc/nginx/nginx.conf --where 'server a.example location /api'
  nginx -T | keeptune import - --as nginx --client chrome --server nginx@1.28`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("a file is imported; name it, or - for standard input")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return choose(format, importFormats, func(p importPrinter) error { return a.runImport(args, &where, p) })
		},
	}
	where.flags(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT`: text (the session, or the list of contexts) or json")
	complete(cmd, "format", slices.Sorted(keys(importFormats))...)
	return cmd
}

// An imported is everything that keeptune import prints.
type imported struct {
	layings  []native.Laying
	read     reading
	contexts []native.Context
	several  bool // which is meant has to be said
}

// An importPrinter writes what was imported.
type importPrinter func(*app, imported) error

var importFormats = map[string]importPrinter{"text": importText, "json": importJSON}

func (a *app) runImport(files []string, where *connection, p importPrinter) error {
	layings, _, err := a.documents(where, files, "")
	if err != nil {
		return err
	}
	if layings[0].Document, err = a.accepting(where, layings[0].Document); err != nil {
		return err
	}
	im := imported{layings: layings, read: where.read, contexts: where.read.contexts}
	im.several = len(layings) > 1 || len(where.where) == 0 && !where.given() && differ(im.contexts)
	return p(a, im)
}

// importText prints the session, or the contexts where they make several.
func importText(a *app, im imported) error {
	if err := a.warned("keeptune import", &im.read); err != nil {
		return err
	}
	if im.several {
		return importList(a, im)
	}
	for _, l := range im.read.unused {
		if _, err := fmt.Fprintf(a.errs, "keeptune import: %s:%d: not used: %s (%s)\n", l.File, l.Line, l.Text, l.Why); err != nil {
			return err
		}
	}
	_, err := a.outFile.Write(model.EncodeDocument(a.redact.Document(im.layings[0].Document)))
	return err
}

// importList lists contexts, those that set the same together.
func importList(a *app, im imported) error {
	var p page
	different := fmt.Sprintf("%d of them different", len(alike(im.contexts)))
	if len(alike(im.contexts)) == len(im.contexts) {
		different = "all different"
	}
	p.wrapped("", "", fmt.Sprintf("%d contexts, %s; --where picks one.", len(im.contexts), different))
	for _, group := range alike(im.contexts) {
		p.line("")
		for i, c := range group {
			if i == namedAlike {
				p.line("and %d more that set the same", len(group)-i)
				break
			}
			p.wrapped("", "  ", fmt.Sprintf("%s   %s:%d", cmp.Or(c.Where, "all else"), c.File, c.Line))
		}
		c := group[0]
		for _, id := range slices.Sorted(maps.Keys(c.Settings)) {
			s := c.Settings[id]
			p.wrapped("  ", "      ", fmt.Sprintf("%s = %s   %s", id, s.Value, s.Origin))
		}
		for _, d := range c.Doubts {
			p.wrapped("  ? ", "      ", d.String())
		}
	}
	unusedText(&p, im.read.unused)
	return p.flush(a.out)
}

// differ reports whether contexts of one system set something else.
func differ(list []native.Context) bool {
	first := map[model.SystemID]native.Context{}
	for _, c := range list {
		f, ok := first[c.System]
		if !ok {
			first[c.System] = c
		} else if !maps.EqualFunc(c.Settings, f.Settings, func(a, b model.Setting) bool { return a.Value == b.Value }) {
			return true
		}
	}
	return false
}

// namedAlike is how many contexts that set the same are named.
const namedAlike = 4

// alike are contexts in groups that set the same.
func alike(list []native.Context) [][]native.Context {
	var groups [][]native.Context
	at := map[string]int{}
	for _, c := range list {
		var key strings.Builder
		key.WriteString(string(c.System))
		for _, id := range slices.Sorted(maps.Keys(c.Settings)) {
			s := c.Settings[id]
			fmt.Fprintf(&key, "\n%s %s %v", id, s.Value, s.Origin)
		}
		for _, d := range c.Doubts {
			key.WriteString("\n" + d.String())
		}
		i, ok := at[key.String()]
		if !ok {
			i = len(groups)
			at[key.String()], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], c)
	}
	return groups
}

func importJSON(a *app, im imported) error {
	if err := a.warned("keeptune import", &im.read); err != nil {
		return err
	}
	var session *string
	if !im.several {
		text := string(model.EncodeDocument(a.redact.Document(im.layings[0].Document)))
		session = &text
	}
	return wire.Print(a.out, wire.FromImport(im.contexts, im.read.unused, im.read.warnings, session, versionText()))
}

// usualPath puts a system opposite a usual other end.
func (a *app) usualPath(id model.SystemID) string {
	s, err := a.catalogs().System(id)
	switch {
	case err != nil:
		return startPath
	case s.Middlebox():
		return "chrome > " + string(id) + " > nginx"
	case s.Kind == "os":
		return "curl > nginx/" + string(id)
	case s.Faces[model.FaceServer] != nil:
		return string(machine.UsualPeer(a.catalogs(), s, model.FaceClient)) + " > " + string(id)
	}
	return string(id) + " > " + string(machine.UsualPeer(a.catalogs(), s, model.FaceServer))
}

// readUpTo reads a bounded file, or standard input for "-".
func (a *app) readUpTo(file string, limit int64) ([]byte, error) {
	a.redact.Path(file)
	if file == "-" {
		data, err := a.standardInput(limit)
		a.redact.Given(string(data))
		return data, err
	}
	data, err := store.ReadLimited(file, limit)
	a.redact.Given(string(data))
	return data, err
}
