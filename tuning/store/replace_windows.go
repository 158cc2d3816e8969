package store

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// replace writes what it reads to a file beside path and moves it onto path. The file
// inherits the directory's permissions, as a new file does.
func replace(path string, from io.Reader, _ fs.FileMode, old fs.FileInfo) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".keeptune-*")
	if err != nil {
		return err
	}
	name := f.Name()
	defer func() { _ = os.Remove(name) }()
	_, err = io.Copy(f, from)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if old != nil && old.Mode().Perm()&0o200 == 0 {
		return &Error{Op: "write", Why: "it is marked read-only", Help: "clear the mark, or write to a new file", Err: fs.ErrPermission}
	}
	return os.Rename(name, path)
}
