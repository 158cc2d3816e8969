package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/preset"
	"example.com/keeptune/tuning/store"
)

// A connection is the flags by which a command is told what to look at.
type connection struct {
	path, client, server string
	preset               string
	set, suppress        []string
	target               string
	hz                   int
	placing
	read reading // what configurations said, after document
}

func (c *connection) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.path, "path", "", "the `PATH`, client first: 'chrome > nginx@1.30/linux > node@22'")
	f.StringVar(&c.preset, "preset", "", "a path to start from, by its `NAME`; keeptune presets lists them")
	f.StringVar(&c.client, "client", "", "the client: `SYSTEM`[@VERSION][/OS[@VERSION]]")
	f.StringVar(&c.server, "server", "", "the server: `SYSTEM`[@VERSION][/OS[@VERSION]]")
	f.StringArrayVar(&c.set, "set", nil, "change a setting: [ENDPOINT:]`PARAM=VALUE`; may be repeated")
	f.StringArrayVar(&c.suppress, "suppress", nil, "suppress findings: `RULE[@PLACE]=REASON`; may be repeated")
	f.IntVar(&c.hz, "hz", 0, "timer `FREQUENCY` of the Linux ends: 100, 250, 300 or 1000; 250 is assumed")
	f.StringVar(&c.target, "target", "", "what a live test connects to: `URL` or HOST:PORT (stored, not opened)")
	c.placing.flags(cmd)
	completePreset(cmd)
	completeSystem(cmd, "client", model.FaceClient)
	completeSystem(cmd, "server", model.FaceServer)
}

// completePreset offers the presets with what each is.
func completePreset(cmd *cobra.Command) {
	var ids []string
	for _, p := range preset.All() {
		ids = append(ids, p.ID+"\t"+p.Title)
	}
	complete(cmd, "preset", ids...)
}

// completeSystem offers the systems that have a face.
func completeSystem(cmd *cobra.Command, flag string, side model.FaceKind) {
	// The only error is a flag that does not exist, which a test would find.
	_ = cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		all, _ := model.Embedded().Entries() // what cannot be read cannot be offered
		var ids []string
		for _, e := range all {
			if e.Has(side) {
				ids = append(ids, offered(e))
			}
		}
		return ids, cobra.ShellCompDirectiveNoFileComp
	})
}

// given reports whether the flags say anything.
func (c *connection) given() bool {
	return c.path != "" || c.preset != "" || c.client != "" || c.server != "" || c.target != "" || len(c.set) > 0 || len(c.suppress) > 0
}

// typedPath takes a path that stands where a file could, 'chrome > nginx', out of
// the arguments.
func (c *connection) typedPath(args []string) (files []string, err error) {
	for _, arg := range args {
		if _, err := os.Stat(arg); err == nil || !model.LooksLikePath(arg) {
			files = append(files, arg)
			continue
		}
		if c.path != "" {
			return nil, fmt.Errorf("one path is looked at: %q or %q", model.Clean(c.path, 60), model.Clean(arg, 60))
		}
		c.path = arg
	}
	return files, nil
}

// document is what the flags, the session file and the configurations describe,
// the worst where contexts of these can be taken in several ways. With start ""
// a path has to be given, unless a configuration names a system.
func (a *app) document(c *connection, args []string, start string) (model.Document, error) {
	all, _, err := a.documents(c, args, start)
	if err != nil {
		return model.Document{}, err
	}
	worst, err := a.worst(all)
	if err != nil {
		return model.Document{}, err
	}
	c.read.chosen, c.read.before = worst.Chosen, worst.Before
	return a.accepting(c, worst.Document)
}

// accepting is a document with what --suppress says.
func (a *app) accepting(c *connection, d model.Document) (model.Document, error) {
	if len(c.suppress) == 0 {
		return d, nil
	}
	bare := d
	bare.Suppressed = nil
	judged, err := a.judge(bare)
	if err != nil {
		return d, err
	}
	for _, text := range c.suppress {
		s, err := tuning.ParseSuppression(text, d, judged.report, a.catalogs())
		if err == nil {
			d, err = d.With(model.Suppress{Suppression: s}, a.catalogs())
		}
		if err != nil {
			return d, fmt.Errorf("--suppress: %w", err)
		}
	}
	return d, nil
}

// documents are document in all ways to take the contexts of configurations; file is
// the session file, empty without one.
func (a *app) documents(c *connection, names []string, start string) (all []native.Laying, file string, err error) {
	catalog := a.catalogs()
	if a.hz = c.hz; a.hz != 0 {
		if err := checkHZ(a.hz); err != nil {
			return nil, "", err
		}
	}
	names, err = c.typedPath(names)
	if err != nil {
		return nil, "", err
	}
	args, err := a.arguments(&c.placing, names)
	if err != nil {
		return nil, "", err
	}
	var d model.Document
	loaded, proposes := false, c.path == "" && c.preset == "" && c.client == "" && c.server == ""
	for _, arg := range args {
		switch {
		case arg.session != nil && loaded:
			return nil, "", fmt.Errorf("%q is too much; one session file is read", model.Clean(arg.name, 60))
		case arg.session != nil:
			d, loaded = *arg.session, true
			if arg.file != "-" && arg.config.Document == nil {
				file = arg.file
			}
		}
	}
	if proposes && !loaded {
		path, end, err := a.proposed(args)
		if err != nil {
			return nil, "", err
		}
		start = cmp.Or(path, start)
		c.end = cmp.Or(c.end, end)
	}
	if d, err = c.ends(d, loaded, start, catalog); err != nil {
		return nil, file, err
	}
	if c.target != "" {
		t, err := livetest.ParseTarget(c.target)
		if err != nil {
			return nil, file, fmt.Errorf("--target: %w", err)
		}
		d.Target = t.String()
	}
	if err := d.Check(catalog); err != nil {
		return nil, file, err
	}
	if err := c.endKnown(d.Path); err != nil {
		return nil, file, err
	}
	if all, c.read, err = a.lay(d, &c.placing, args); err != nil {
		return nil, file, err
	}
	c.read.from = c.from(args, names)
	if loaded || c.path != "" || c.preset != "" || c.client != "" { // else the path is none of the user's
		c.read.unused = append(c.read.unused, c.read.left...)
	} else {
		c.read.unused = append(c.read.unused, c.read.elsewhere(d.Path, catalog)...)
		c.read.next = c.read.toNextHop(d.Path, catalog)
	}
	for i := range all {
		all[i].Before = all[i].Document
		if all[i].Document, err = all[i].Document.Assign(catalog, c.set...); err != nil {
			return nil, file, fmt.Errorf("--set: %w", err)
		}
	}
	return all, file, nil
}

// endKnown refuses an --end that the path does not have.
func (p *placing) endKnown(path model.Path) error {
	if p.end == "" || path.Index(model.EndpointID(p.end)) >= 0 {
		return nil
	}
	return fmt.Errorf("--end: the path has no endpoint %q; it is %s", model.Clean(p.end, 60), path)
}

// frequencies are the timer frequencies that Linux is built with (kernel/Kconfig.hz).
var frequencies = []int{100, 250, 300, 1000}

func checkHZ(hz int) error {
	if slices.Contains(frequencies, hz) {
		return nil
	}
	return fmt.Errorf("--hz is %d; Linux is built with 100, 250, 300 or 1000", hz)
}

// ends puts the path of the flags into the document.
func (c *connection) ends(d model.Document, loaded bool, start string, catalog *model.Catalog) (model.Document, error) {
	var err error
	both := c.client != "" || c.server != ""
	switch {
	case c.preset != "" && (c.path != "" || both):
		return d, errors.New("--preset names the whole path; leave out --path, --client and --server")
	case c.preset != "" && loaded:
		return d, errors.New("the session file has a path; leave out --preset, or the file")
	case c.preset != "":
		p, err := preset.Find(c.preset)
		if err != nil {
			return d, fmt.Errorf("--preset: %w", err)
		}
		return p.Document(d, catalog)
	case c.path != "" && both:
		return d, errors.New("the path names both ends; leave out --client and --server")
	case c.path != "" && loaded:
		return d, errors.New("the session file has a path; leave out the other one, or the file")
	case c.path != "":
		d.Path, err = model.ParsePath(c.path, catalog)
		return d, err
	case loaded:
		for _, end := range []struct {
			text string
			at   int
		}{{c.client, 0}, {c.server, len(d.Path.Endpoints) - 1}} {
			if end.text == "" {
				continue
			}
			e, err := model.ParseEndpoint(end.text, catalog)
			if err != nil {
				return d, err
			}
			if d, err = d.With(model.Choose{Index: end.at, Endpoint: e}, catalog); err != nil {
				return d, err
			}
		}
		return d, nil
	case both && c.server == "":
		return d, errors.New("--client needs a --server: --client ie@11 --server apache")
	case both && c.client == "":
		return d, errors.New("--server needs a --client: --client ie@11 --server apache")
	case both:
		start = c.client + " > " + c.server
		if strings.Contains(c.client+c.server, ">") {
			return d, errors.New("--client and --server name one system each; write a longer path with --path")
		}
	case start == "":
		return d, errors.New("which connection? give --client and --server, --path 'chrome > nginx > node', or a session file")
	}
	d.Path, err = model.ParsePath(start, catalog)
	return d, err
}

// readSession reads a session file, or standard input for "-".
func (a *app) readSession(file string) (model.Document, error) {
	if file == "" {
		return model.Document{}, errors.New("the name of the session file is empty; name a file, or - for standard input")
	}
	data, err := a.readUpTo(file, store.SessionLimit)
	if err != nil {
		return model.Document{}, err
	}
	return a.decodeSession(file, data)
}

// decodeSession reads the content of a session file.
func (a *app) decodeSession(file string, data []byte) (model.Document, error) {
	name := model.Clean(file, 200)
	if file == "-" {
		name = "standard input"
	}
	d, err := model.DecodeDocument(name, data, a.catalogs())
	if err != nil {
		return d, err
	}
	a.noteSession(d)
	if file != "-" && d.Name == "" {
		d.Name = strings.TrimSuffix(filepath.Base(name), ".toml")
	}
	return d, nil
}

// standardInput reads all of it, up to limit bytes.
func (a *app) standardInput(limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(a.in, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot read standard input: %w", unwrapPath(err))
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("standard input has more than the %d bytes that are read; is it the right file?", limit)
	}
	return data, nil
}
