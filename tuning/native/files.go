package native

import (
	"cmp"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// Files are those that a configuration may include, named with slashes.
type Files interface {
	// Read is the content of a file of at most [MaxSize] bytes.
	Read(name string) ([]byte, error)
	// Glob lists the files that a pattern of [path.Match] names, sorted; a
	// pattern that names nothing is no error.
	Glob(pattern string) ([]string, error)
}

// A Source is a configuration and what it may include.
type Source struct {
	Name  string // as messages call it
	Data  []byte
	Path  string     // where it lies, absolute and with slashes; empty where it was pasted
	Root  string     // the folder that stands for / where it is a copy of another machine's; empty: found from Path
	Files Files      // nil: nothing is included
	Rest  []NextFile // what its program reads after it as one configuration, in order
	// Defines are the words that the command line of its program defines (httpd -D), where that
	// is known, and else nil.
	Defines []string
}

// A NextFile is a further file of a configuration that [Joined] tells of.
type NextFile struct {
	Name string // as messages call it
	Path string // where it lies; empty where it was pasted
	Data []byte
}

// Joined reports whether the program of a format reads several files as one
// configuration: haproxy -f a.cfg -f b.cfg.
func Joined(format string) bool { return format == "haproxy" }

// rest yields the text of each further file; the reader's file is that one meanwhile.
func (r *reader) rest() iter.Seq[string] {
	return func(yield func(string) bool) {
		before := r.file
		defer func() { r.file = before }()
		for _, p := range r.opened.source.Rest {
			if r.file = p.Name; p.Path != "" && r.opened.source.Path != "" {
				r.file = r.opened.told(p.Path)
			}
			r.opened.names[r.file] = p.Path
			if !yield(strings.TrimPrefix(string(p.Data), "\ufeff")) {
				return
			}
		}
	}
}

// filesLimit bounds how many files one configuration includes.
const filesLimit = 1000

// bytesLimit bounds how much they are together.
const bytesLimit = 16 * MaxSize

// opened is what a reader knows of the files that it reads.
type opened struct {
	source Source
	home   string            // the folder that relative names start from
	places []string          // where the main file usually lies
	chain  []string          // the files that are open, each included by the one before
	names  map[string]string // where each file lies, by what messages call it
	count  int
	bytes  int

	includes []Include
}

// root is the folder that stands for / for this configuration, and whether
// absolute names may be looked up there.
func (o *opened) root() (string, bool) {
	if o.source.Root != "" {
		return strings.TrimSuffix(o.source.Root, "/"), true
	}
	for _, place := range o.places {
		if root, ok := strings.CutSuffix(o.source.Path, place); ok {
			return root, true
		}
	}
	return "", false
}

// find is the name on disk of a name in a configuration, which may hold the
// characters of a glob. Of a copy that lies somewhere, only names in its own
// folder are looked up: those of this machine are none of its.
func (o *opened) find(name string) (string, bool) {
	root, known := o.root()
	switch {
	case !path.IsAbs(name):
		return path.Join(cmp.Or(o.home, path.Dir(o.source.Path)), name), true
	case known:
		return path.Join(root, name), true
	}
	return name, strings.HasPrefix(path.Clean(name), path.Dir(o.source.Path)+"/")
}

// told is how messages call a file found on disk.
func (o *opened) told(name string) string {
	if root, ok := o.root(); ok {
		return model.Clean(strings.TrimPrefix(name, root), 200)
	}
	return model.Clean(strings.TrimPrefix(name, path.Dir(o.source.Path)+"/"), 200)
}

// included yields the text of each file that an include at a line names; the
// reader's file is that one meanwhile. What cannot be read is a doubt.
func (r *reader) included(line int, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		o := &r.opened
		r.use(line)
		if o.source.Files == nil || o.source.Path == "" {
			r.doubt(line, name+" is included and was not read: only the text of one file is here")
			return
		}
		pattern, ok := o.find(name)
		if !ok {
			r.doubt(line, name+" is included and was not read: it lies outside of the folder of "+o.source.Name+"; --root names the folder that stands for /")
			return
		}
		if in := (Include{r.file, line, pattern}); len(o.includes) < filesLimit && !slices.Contains(o.includes, in) {
			o.includes = append(o.includes, in)
		}
		found := []string{pattern}
		if strings.ContainsAny(pattern, "*?[") {
			var err error
			if found, err = o.source.Files.Glob(pattern); err != nil {
				r.doubt(line, name+" is included and was not read: "+err.Error())
				return
			}
		}
		for _, f := range found {
			text, err := o.read(f)
			if err != nil {
				r.doubt(line, name+" is included and was not read: "+err.Error())
				continue
			}
			if !r.reading(f, text, yield) {
				return
			}
		}
	}
}

// beside yields the text of each file that a pattern names, on disk, and that a
// program reads without being told so.
func (r *reader) beside(pattern string) iter.Seq[string] {
	return func(yield func(string) bool) {
		o := &r.opened
		if o.source.Files == nil || o.source.Path == "" {
			return
		}
		found, err := o.source.Files.Glob(pattern)
		if err != nil {
			r.doubt(1, path.Base(pattern)+" was not read: "+err.Error())
		}
		for _, f := range found {
			text, err := o.read(f)
			if err != nil {
				r.doubt(1, path.Base(f)+" was not read: "+err.Error())
				continue
			}
			if !r.reading(f, text, yield) {
				return
			}
		}
	}
}

// reading yields a text with the reader's file set to it.
func (r *reader) reading(file, text string, yield func(string) bool) bool {
	o, before := &r.opened, r.file
	o.chain = append(o.chain, file)
	r.file = o.told(file)
	o.names[r.file] = file
	r.scan(text)
	more := yield(text)
	r.file, o.chain = before, o.chain[:len(o.chain)-1]
	return more
}

// read reads a file that is not open already.
func (o *opened) read(name string) (string, error) {
	switch {
	case slices.Contains(o.chain, name):
		return "", fmt.Errorf("%s includes itself", o.told(name))
	case o.count >= filesLimit:
		return "", fmt.Errorf("more than %d files are included", filesLimit)
	}
	data, err := o.source.Files.Read(name)
	if err != nil {
		return "", err
	}
	o.count++
	if o.bytes += len(data); len(data) > MaxSize || o.bytes > bytesLimit {
		return "", fmt.Errorf("%s is too long to be a configuration", o.told(name))
	}
	return strings.TrimPrefix(string(data), "\ufeff"), nil
}
