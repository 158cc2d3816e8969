package cli

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode/utf16"

	"github.com/aymanbagabas/go-udiff"

	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/store"
)

// A planned write is one file, or the undo of one.
type plannedWrite struct {
	path  string
	data  []byte
	state string // new, same, differs, refused
	diff  string
	why   string
}

// exportLimit is the most bytes of an existing file that are compared.
const exportLimit = 4 << 20

// planWrites finds out what writing the files and their undo into dir would
// do. The undo comes before its file, so that it is there when it is needed.
func planWrites(dir string, files []native.File) ([]plannedWrite, error) {
	dir = typedPath(dir)
	var plan []plannedWrite
	seen := map[string]bool{}
	for _, f := range files {
		if f.UndoName != "" {
			plan = append(plan, planWrite(dir, f.UndoName, f.Undo))
		}
		plan = append(plan, planWrite(dir, f.Name, f.Content))
	}
	for _, w := range plan {
		if seen[w.path] {
			return nil, fmt.Errorf("two files would be written to %s; export them one by one into different directories", w.path)
		}
		seen[w.path] = true
	}
	return plan, nil
}

func planWrite(dir, name string, data []byte) plannedWrite {
	w := plannedWrite{path: filepath.Join(dir, filepath.Base(name)), data: data, state: "new"}
	old, err := store.ReadLimited(w.path, exportLimit)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := store.Check(w.path, true); err != nil { // a link that leads nowhere
			w.state, w.why = "refused", err.Error()
		}
	case err != nil:
		w.state, w.why = "refused", err.Error()
	case bytes.Equal(old, data):
		w.state = "same"
	default:
		w.state = "differs"
		w.diff = udiff.Unified(w.path, w.path+" (new)", readable(old), readable(data))
	}
	return w
}

// carryOut writes what is planned: nothing at all where a file is refused, or
// exists with other contents and may not be overwritten. What is overwritten
// is copied first. It returns the paths written.
func carryOut(plan []plannedWrite, overwrite bool) ([]string, error) {
	var differ []string
	for _, w := range plan {
		switch {
		case w.state == "refused":
			return nil, errors.New(w.why)
		case w.state == "differs" && !overwrite:
			differ = append(differ, w.path)
		}
	}
	if len(differ) > 0 {
		return nil, &differError{paths: differ}
	}
	var written []string
	for _, w := range plan {
		if w.state == "same" {
			continue
		}
		if w.state == "differs" {
			kept, err := store.Backup(w.path, false)
			if err != nil {
				return written, err
			}
			written = append(written, kept)
		}
		if err := store.Write(w.path, w.data, store.Options{Replace: overwrite, Parents: true, Here: true}); err != nil {
			return written, err
		}
		written = append(written, w.path)
	}
	return written, nil
}

// A differError names the files that are there with other contents.
type differError struct{ paths []string }

func (e *differError) Error() string {
	verb := "exists with other contents"
	if len(e.paths) > 1 {
		verb = "exist with other contents"
	}
	return fmt.Sprintf("%s %s, so nothing was written; look at the difference, then overwrite (--force keeps a copy)", strings.Join(e.paths, ", "), verb)
}

// Is makes it an [store.ErrExists].
func (e *differError) Is(target error) bool { return target == store.ErrExists }

// readable is the text of a file: UTF-16 with a byte order mark is decoded.
func readable(data []byte) string {
	if !bytes.HasPrefix(data, []byte{0xff, 0xfe}) {
		return string(data)
	}
	var units []uint16
	for b := data[2:]; len(b) >= 2; b = b[2:] {
		units = append(units, binary.LittleEndian.Uint16(b))
	}
	return strings.ReplaceAll(string(utf16.Decode(units)), "\r\n", "\n")
}
