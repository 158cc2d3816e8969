package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/store"
)

// An input is a file that a command was given, with those that its program
// reads after it as one configuration.
type input struct {
	file   string
	format string // empty where its content has to tell
	data   []byte
	rest   []native.NextFile
}

// inputs reads the files that were named. Those of one program that reads
// several as one configuration are one, and a folder stands for the files that
// HAProxy reads of it.
func (a *app) inputs(as string, files []string) ([]input, error) {
	var all []input
	last := "" // the format of the one before
	for _, name := range files {
		found := []string{name}
		folder := false
		if info, err := os.Stat(name); name != "-" && err == nil && info.IsDir() {
			if found, err = haproxyFolder(name); err != nil {
				return nil, err
			}
			folder = true
		}
		for _, file := range found {
			if file == "" {
				return nil, errors.New("the name of a file is empty; name a file, or - for standard input")
			}
			data, err := a.readUpTo(file, max(native.MaxSize, store.SessionLimit))
			if err != nil {
				return nil, err
			}
			format := cmp.Or(strings.ToLower(as), native.Detect(data))
			if folder && as == "" {
				format = "haproxy"
			}
			if format == last && native.Joined(format) {
				more := native.NextFile{Name: filepath.Base(model.Clean(file, 200)), Data: data}
				if path, err := filepath.Abs(file); err == nil && file != "-" {
					more.Path = filepath.ToSlash(path)
				}
				into := &all[len(all)-1]
				into.rest = append(into.rest, more)
				continue
			}
			last = format
			in := input{file: file, data: data}
			if folder {
				in.format = format
			}
			all = append(all, in)
		}
	}
	return all, nil
}

// haproxyFolder lists the files that haproxy -f FOLDER reads: those that end in
// .cfg and are not hidden, in the order of their bytes (management.txt, -f).
func haproxyFolder(name string) ([]string, error) {
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", model.Clean(name, 200), err)
	}
	var found []string
	for _, e := range entries {
		if !e.IsDir() && filepath.Ext(e.Name()) == ".cfg" && e.Name()[0] != '.' {
			found = append(found, filepath.Join(name, e.Name()))
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: it is a directory without files *.cfg, which HAProxy would read; name a file in it", model.Clean(name, 200))
	}
	slices.Sort(found)
	return found, nil
}

// name is what messages call an input.
func (in *input) name() string {
	if in.file == "-" {
		return "standard input"
	}
	name := model.Clean(in.file, 200)
	if n := len(in.rest); n > 0 {
		name += fmt.Sprintf(" and %d more", n)
	}
	return name
}

// blank reports whether no line of it says anything.
func (in *input) blank() bool {
	return native.Blank(in.data) && !slices.ContainsFunc(in.rest, func(p native.NextFile) bool { return !native.Blank(p.Data) })
}
