package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/store"
)

func (a *app) imports() *cobra.Command {
	var as string
	var where connection
	cmd := &cobra.Command{
		Use:   "import FILE|-",
		Short: "Read a configuration and print the session it makes",
		Long: `import reads a session, or a configuration that keeptune wrote, and prints the
session. A file that carries no session is laid over the path that --client and
--server or --path name, or over its own system with a usual other end.
What was not understood is told on standard error.

` + exitPlain,
		Example: `  keeptune import 10-nginx.conf > edge-3.toml
  keeptune import - --as nginx --client chrome --server nginx@1.28 < nginx.conf`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("one file is imported; name it, or - for standard input")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return a.runImport(args[0], as, &where)
		},
	}
	where.flags(cmd)
	cmd.Flags().StringVar(&as, "as", "", "the format; found by looking unless given (keeptune export --list)")
	completeFormats(cmd, "as")
	return cmd
}

func (a *app) runImport(file, as string, where *connection) error {
	if file == "" {
		return errors.New("the name of the file is empty; name a file, or - for standard input")
	}
	data, err := a.readUpTo(file, native.MaxSize)
	if err != nil {
		return err
	}
	name := filepath.Base(model.Clean(file, 200))
	if file == "-" {
		name = "standard input"
	}
	im, err := recognize(name, as, data, a.catalogs())
	if err != nil {
		return err
	}
	d, err := a.imported(im, where)
	if err != nil {
		return err
	}
	out, err := model.EncodeDocument(d)
	if err != nil {
		return err
	}
	if _, err := a.out.Write(out); err != nil {
		return err
	}
	for _, w := range im.Warnings {
		if _, err := fmt.Fprintf(a.errs, "keeptune import: %s\n", model.Clean(w.String(), 400)); err != nil {
			return err
		}
	}
	return nil
}

// recognize parses with the format that is named, or with the one that the
// content shows.
func recognize(name, as string, data []byte, c *model.Catalog) (native.Import, error) {
	if as == "" {
		return native.ImportAny(name, data, c)
	}
	format, err := native.Find(strings.ToLower(as))
	if err != nil {
		return native.Import{}, fmt.Errorf("--as: %w", err)
	}
	return format.Parse(name, data, c)
}

// imported is the document that an import makes.
func (a *app) imported(im native.Import, where *connection) (model.Document, error) {
	given := where.path != "" || where.client != "" || where.server != ""
	if im.Document != nil && !given {
		return *im.Document, nil
	}
	if !given {
		where.path = a.usualPath(im.System)
	}
	d, _, err := a.document(where, nil, "")
	if err != nil {
		return d, err
	}
	if im.Document != nil {
		return d, errors.New("the file carries its own session; leave out --path, --client and --server")
	}
	if len(im.Settings) == 0 {
		return d, errors.New("there is no setting in it that is known here")
	}
	return lay(d, im, a.catalogs())
}

// usualPath puts a system opposite a usual other end.
func (a *app) usualPath(id model.SystemID) string {
	s, err := a.catalogs().System(id)
	switch {
	case err != nil:
		return startPath
	case s.Kind == "os":
		return "curl > nginx/" + string(id)
	case s.Faces[model.SideServer] != nil:
		return "chrome > " + string(id)
	}
	return string(id) + " > nginx"
}

// lay gives every setting to the endpoints that have its parameter.
func lay(d model.Document, im native.Import, c *model.Catalog) (model.Document, error) {
	for id, s := range im.Settings {
		placed := false
		for i := len(d.Path.Endpoints) - 1; i >= 0 && !placed; i-- {
			e := d.Path.Endpoints[i]
			if _, err := e.FindParam(id, c); err != nil {
				continue
			}
			next, err := d.With(model.Set{Endpoint: e.ID, Param: id, Setting: s}, c)
			if err != nil {
				return d, err
			}
			d, placed = next, true
		}
		if !placed {
			return d, fmt.Errorf("nobody on the path %s has the setting %s; name the path with --client and --server", d.Path, id)
		}
	}
	return d, d.Check(c)
}

// readUpTo reads a bounded file, or standard input for "-".
func (a *app) readUpTo(file string, limit int64) ([]byte, error) {
	if file == "-" {
		return a.standardInput(limit)
	}
	return store.ReadLimited(file, limit)
}
