package store

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ReadLimited reads a whole regular file of at most limit bytes. A pipe is
// read only where the shell made it (/dev/fd, /proc/self/fd); directories and
// devices are refused, so that nothing blocks for ever.
func ReadLimited(path string, limit int64) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, &Error{Op: "read", Path: path, Why: because(err, "reading it"), Err: err}
	}
	switch {
	case st.IsDir():
		return nil, &Error{Op: "read", Path: path, Why: "it is a directory", Help: "name a file in it"}
	case !st.Mode().IsRegular() && !shellPipe(path, st):
		return nil, &Error{Op: "read", Path: path, Why: "it is not a regular file", Help: "name a regular file, or - for standard input"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{Op: "read", Path: path, Why: because(err, "reading it"), Err: err}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, &Error{Op: "read", Path: path, Why: because(err, "reading it"), Err: err}
	}
	if int64(len(data)) > limit {
		return nil, &Error{Op: "read", Path: path, Why: fmt.Sprintf("it has more than the %d bytes that are read", limit), Help: "is it the right file?"}
	}
	return data, nil
}

func shellPipe(path string, st fs.FileInfo) bool {
	p := filepath.ToSlash(path)
	return st.Mode()&fs.ModeNamedPipe != 0 && (strings.HasPrefix(p, "/dev/fd/") || strings.HasPrefix(p, "/proc/self/fd/"))
}
