package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrExists is the cause of an Error when the file is there and Replace is not
// set.
var ErrExists = errors.New("file exists")

// Options say how a file is written. The zero value makes a new file that
// everybody may read and refuses one that exists.
type Options struct {
	Mode    fs.FileMode // of a new file; 0 means Shared. An existing file keeps its own
	Replace bool        // an existing file may be replaced
	Parents bool        // missing directories are made, for the user alone
	Here    bool        // a link that leads out of the path's directory is refused
}

func (o Options) mode() fs.FileMode {
	if o.Mode == 0 {
		return Shared
	}
	return o.Mode
}

// Write puts data at path, whole or not at all. A symbolic link is followed
// and stays; what it leads to, like path itself, must be a regular file or not
// exist. A file that is replaced keeps its mode and owner. The error is an
// *Error.
func Write(path string, data []byte, o Options) error {
	return write(path, bytes.NewReader(data), o)
}

func write(path string, from io.Reader, o Options) error {
	real, old, err := writable(path, o)
	if err != nil {
		return err
	}
	if err := replace(real, from, o.mode(), old); err != nil {
		if e, ok := errors.AsType[*Error](err); ok {
			e.Path = path
			return e
		}
		return inDir(path, filepath.Dir(real), err)
	}
	return nil
}

func inDir(path, dir string, err error) error {
	return &Error{Op: "write", Path: path, Why: because(err, "writing in the directory "+dir), Help: "choose a directory you may write to", Err: err}
}

// writable is the target of a path and what is there, where that may be replaced and its
// directory exists.
func writable(path string, o Options) (real string, old fs.FileInfo, err error) {
	real, old, err = target(path, o.Here)
	if err != nil {
		return "", nil, err
	}
	if old != nil && !o.Replace {
		return "", nil, &Error{Op: "write", Path: path, Why: "it exists", Help: "it is replaced only after a look at the difference and a yes, or with --force", Err: ErrExists}
	}
	dir := filepath.Dir(real)
	if o.Parents {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", nil, &Error{Op: "write", Path: path, Why: because(err, "making the directory "+dir), Help: "choose a directory you may write to", Err: err}
		}
	}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		if err == nil {
			err = fs.ErrNotExist
		}
		return "", nil, &Error{Op: "write", Path: path, Why: "the directory " + dir + " does not exist", Help: "make it first, or choose another", Err: err}
	}
	return real, old, nil
}

// Check says whether Write could put a file at path, as far as what is there
// now tells: no directory, device or link that leads nowhere, or, where here is
// set, out of the path's directory. It writes nothing.
func Check(path string, here bool) error {
	_, _, err := target(path, here)
	return err
}

// target follows links to the file that will be written and returns what is
// there now, nil if nothing is.
func target(path string, here bool) (real string, old fs.FileInfo, err error) {
	refuse := func(why string, cause error) error {
		return &Error{Op: "write", Path: path, Why: why, Help: "name a regular file, or - for standard output", Err: cause}
	}
	real = path
	st, err := os.Lstat(path)
	if err == nil && st.Mode()&fs.ModeSymlink != 0 {
		if real, err = filepath.EvalSymlinks(path); err != nil {
			return "", nil, refuse("it is a symbolic link that leads nowhere", err)
		}
		if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); here && (err != nil || filepath.Dir(real) != dir) {
			return "", nil, &Error{Op: "write", Path: path, Why: "it is a symbolic link to " + real, Help: "remove the link, or name the directory that it leads to", Err: err}
		}
		st, err = os.Lstat(real)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return real, nil, nil
	case err != nil:
		return "", nil, &Error{Op: "write", Path: path, Why: because(err, "looking at it"), Help: "choose a directory you may write to", Err: err}
	case st.IsDir():
		return "", nil, refuse("it is a directory", nil)
	case !st.Mode().IsRegular():
		return "", nil, refuse("it is not a regular file", nil)
	}
	return real, st, nil
}

// Backup copies the file at path beside itself, with its mode, and returns the
// copy's path: path.bak, or the next free path.bak1, path.bak2 and so on. A hidden
// one begins with a dot, so that an include of all files (sites-enabled/*) passes
// over it.
func Backup(path string, hidden bool) (string, error) {
	real, old, err := target(path, false)
	if err != nil {
		return "", err
	}
	if old == nil {
		return "", &Error{Op: "read", Path: path, Why: "it does not exist", Err: fs.ErrNotExist}
	}
	data, err := os.ReadFile(real)
	if err != nil {
		return "", &Error{Op: "read", Path: path, Why: because(err, "reading it"), Err: err}
	}
	base := real
	if hidden {
		base = filepath.Join(filepath.Dir(real), "."+filepath.Base(real))
	}
	for n := range 1000 {
		name := base + ".bak"
		if n > 0 {
			name = fmt.Sprintf("%s.bak%d", base, n)
		}
		err = Write(name, data, Options{Mode: old.Mode().Perm()})
		if !errors.Is(err, ErrExists) {
			return name, err
		}
	}
	return "", err
}
