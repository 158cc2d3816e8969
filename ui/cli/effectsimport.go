package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/store"
	"example.com/keeptune/ui/contract"
)

// from is how configurations were read; it is empty where one was no file.
func (p *placing) from(args []argument, names []string) contract.ImportFile {
	x := contract.ImportFile{As: p.as, End: p.end, Root: p.root, Where: p.where}
	for _, name := range names {
		path, err := filepath.Abs(name)
		switch {
		case name == "-" || err != nil:
			return contract.ImportFile{}
		case !slices.ContainsFunc(args, func(a argument) bool { return a.file == name && a.session != nil }):
			x.Paths = append(x.Paths, path)
		}
	}
	return x
}

// placingOf is what the screen says of configurations.
func placingOf(x contract.ImportFile) *placing {
	return &placing{as: x.As, end: x.End, root: typedPath(x.Root), where: x.Where}
}

// Import reads configurations over a document, in every way that their contexts
// allow. What has to be said first is a [*contract.Question].
func (e *effects) Import(x contract.ImportFile, over model.Document) (contract.Imported, error) {
	x.Paths = slices.Clone(x.Paths)
	for i, path := range x.Paths {
		if path == "-" {
			return contract.Imported{}, errors.New("a configuration is read from a file; name one")
		}
		if abs, err := filepath.Abs(typedPath(path)); err == nil { // the program may be asked again from elsewhere
			x.Paths[i] = abs
		}
	}
	p := placingOf(x)
	args, err := e.app.arguments(p, x.Paths)
	if unknown, ok := errors.AsType[*native.DetectError](err); ok && len(x.Paths) == 1 {
		return contract.Imported{}, e.whichFormat(x, unknown, over)
	}
	if err != nil {
		return contract.Imported{}, err
	}
	for _, arg := range args {
		e.log.files("read", arg.file)
		e.log.files("read", slices.DeleteFunc(slices.Sorted(maps.Values(arg.config.Files)), func(f string) bool { return f == "" || f == arg.file })...)
	}
	names := make([]string, len(args))
	loaded := false
	for i, arg := range args {
		names[i] = filepath.Base(arg.name)
		if arg.session == nil {
			continue
		}
		if loaded {
			return contract.Imported{}, fmt.Errorf("%s is too much; one session is opened at a time", names[i])
		}
		loaded, over = true, *arg.session
	}
	if !loaded {
		if over, err = e.over(&x, args, over); err != nil {
			return contract.Imported{}, err
		}
		p.end = x.End
	}
	all, read, err := e.app.lay(over, p, args)
	if several, ok := errors.AsType[*native.EndError](err); ok {
		return contract.Imported{}, whoseFile(x, several)
	}
	if none, ok := errors.AsType[*noFitError](err); ok {
		return contract.Imported{}, fmt.Errorf("%s; :path names another, :open FILE takes it from the file", none.text())
	}
	if err != nil {
		return contract.Imported{}, err
	}
	read.unused = append(read.unused, read.left...)
	im, err := e.app.alternatives(strings.Join(names, ", "), all, &read)
	im.From = x
	return im, err
}

// over is the document to lay configurations over: the present one, or its settings
// on the path that the files speak of.
func (e *effects) over(x *contract.ImportFile, args []argument, d model.Document) (model.Document, error) {
	path, end := x.Path, x.End
	if path == "" && x.Open && !e.app.onPath(args, d.Path) {
		var err error
		path, end, err = e.app.proposed(args)
		if several, ok := errors.AsType[*pathError](err); ok {
			for i, f := range several.files {
				several.files[i] = filepath.Base(f)
			}
			q := &contract.Question{Title: "Which stands in front?", Text: several.text() + "."}
			for _, p := range several.paths {
				next := *x
				next.Path = p
				q.Answers = append(q.Answers, contract.Answer{Label: p, Then: next})
			}
			return d, q
		}
		if err != nil {
			return d, err
		}
	}
	if path == "" {
		return d, nil
	}
	x.End = cmp.Or(x.End, end)
	var err error
	d.Path, err = model.ParsePath(path, e.app.catalogs())
	return d, err
}

// onPath reports whether every configuration is of a system that some hop of the path
// is, or runs on.
func (a *app) onPath(args []argument, path model.Path) bool {
	products, boxes, hosts := a.heardOf(args)
	for _, h := range slices.Concat(products, boxes, hosts) {
		if !slices.ContainsFunc(path.Endpoints, func(e model.Endpoint) bool {
			host, _, err := e.HostOf(a.catalogs())
			return e.System == h.system.ID || err == nil && host.ID == h.system.ID
		}) {
			return false
		}
	}
	return true
}

// whoseFile asks whose a host's file is.
func whoseFile(x contract.ImportFile, several *native.EndError) error {
	q := &contract.Question{Title: "Whose file is it?", Text: fmt.Sprintf("%s sets values of %s, which several hops have.", several.File, several.System)}
	for _, id := range several.Ends {
		next := x
		next.End = string(id)
		q.Answers = append(q.Answers, contract.Answer{Label: string(id), Then: next})
	}
	return q
}

// whichFormat asks what a file is that does not tell: the formats of the path's
// systems, and then all others.
func (e *effects) whichFormat(x contract.ImportFile, unknown *native.DetectError, over model.Document) error {
	q := &contract.Question{Title: "Which format is it?", Text: fmt.Sprintf("The content of %s does not tell. Those that the path reads stand first.", unknown.File)}
	c, err := e.app.judge(over)
	if err != nil {
		return err
	}
	req := native.Request{Document: over, Report: c.report, Catalog: e.app.catalogs()}
	var first, rest []contract.Answer
	for _, f := range native.Formats() {
		next := x
		next.As = f.ID()
		a := contract.Answer{Label: f.ID(), Leads: f.Title(), Then: next}
		if f.Fits(req) {
			first = append(first, a)
		} else {
			rest = append(rest, a)
		}
	}
	q.Answers = append(first, rest...)
	return q
}

// Patch is what a document's changes make of the files of an import.
func (e *effects) Patch(x contract.ImportFile, before, after model.Document) (contract.Patch, error) {
	args, err := e.app.arguments(placingOf(x), x.Paths)
	if err != nil {
		return contract.Patch{}, err
	}
	var originals []native.Original
	for _, arg := range args {
		if arg.session == nil && arg.config.Format != "" {
			originals = append(originals, native.Original{Source: arg.source, Format: arg.config.Format, Where: x.Where})
		}
	}
	c, err := e.app.judge(after)
	if err != nil {
		return contract.Patch{}, err
	}
	r, err := native.NewRewrite(originals, native.Request{Document: after, Before: &before, Report: c.report, Catalog: e.app.catalogs()})
	if err != nil {
		return contract.Patch{}, err
	}
	p := contract.Patch{Also: r.Also, Said: after}
	for _, f := range r.Files {
		path := filepath.FromSlash(f.Path)
		real, err := realFile(path, x)
		if err != nil {
			return contract.Patch{}, err
		}
		p.Files = append(p.Files, contract.Patched{
			Path: real, Was: f.Was, Now: f.Now, Included: !slices.Contains(x.Paths, path),
			Diff: udiff.Unified(real, real+" (new)", readable(f.Was), readable(f.Now)),
		})
	}
	p.Said.Path.Endpoints = slices.Clone(after.Path.Endpoints)
	for _, l := range r.Left {
		if i, j := before.Path.Index(l.Endpoint), after.Path.Index(l.Endpoint); i >= 0 && j >= 0 {
			p.Said.Path.Endpoints[j] = p.Said.Path.Endpoints[j].With(l.Param, before.Path.Endpoints[i].Settings[l.Param])
		}
		name := string(l.Param)
		if i := after.Path.Index(l.Endpoint); i >= 0 {
			if p, err := after.Path.Endpoints[i].FindParam(l.Param, e.app.catalogs()); err == nil {
				name = p.Name
			}
		}
		value := "at its default"
		if l.Value.IsSet() {
			value = l.Value.Human()
		}
		p.Left = append(p.Left, fmt.Sprintf("%s %s %s: %s", l.Endpoint, name, value, l.Why))
	}
	return p, nil
}

// realFile is the file that would be written for one that was read. A link in a folder
// of configurations is followed only within that folder, or the one that stands for /:
// in a copy of another machine's it may lead to a file of this one.
func realFile(path string, x contract.ImportFile) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil || real == path || slices.Contains(x.Paths, path) {
		return real, err
	}
	folders := []string{typedPath(x.Root)}
	for _, p := range x.Paths {
		if st, err := os.Stat(p); err == nil && !st.IsDir() {
			p = filepath.Dir(p)
		}
		folders = append(folders, p)
	}
	for _, folder := range folders {
		within, err := filepath.EvalSymlinks(folder)
		if err == nil && folder != "" && strings.HasPrefix(real, strings.TrimSuffix(within, string(filepath.Separator))+string(filepath.Separator)) {
			return real, nil
		}
	}
	return "", fmt.Errorf("%s is a link to %s, which lies in another folder; open that file itself", path, real)
}

// CommitBack writes a patch: all files, or none. A copy of each is made first.
func (e *effects) CommitBack(p contract.Patch) ([]string, error) {
	for _, f := range p.Files {
		now, err := store.ReadLimited(f.Path, exportLimit)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(now, f.Was) {
			return nil, fmt.Errorf("%s was changed meanwhile, so nothing was written; :open it again", f.Path)
		}
	}
	var written []string
	for i, f := range p.Files {
		kept, err := store.Backup(f.Path, f.Included)
		if err == nil {
			err = store.Write(f.Path, f.Now, store.Options{Replace: true})
		}
		if err != nil {
			for _, done := range p.Files[:i] { // nothing is half-written
				err = errors.Join(err, store.Write(done.Path, done.Was, store.Options{Replace: true}))
			}
			return nil, err
		}
		written = append(written, kept, f.Path)
	}
	e.log.files("write", written...)
	return written, nil
}

// mostNames bounds the names that are offered for one word.
const mostNames = 200

// Names are the files and folders whose path begins so; hidden ones where the dot is
// typed.
func (e *effects) Names(path string) []string {
	folder, begin := filepath.Split(path)
	list, err := os.ReadDir(cmp.Or(typedPath(folder), "."))
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range list {
		name := f.Name()
		if !strings.HasPrefix(name, begin) || begin == "" && strings.HasPrefix(name, ".") || len(names) == mostNames {
			continue
		}
		if st, err := os.Stat(filepath.Join(typedPath(folder), name)); err == nil && st.IsDir() {
			name += "/"
		}
		names = append(names, folder+name)
	}
	return names
}
