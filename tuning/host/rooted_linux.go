package host

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/native"
)

// rooted is a folder that is / for the files below it, as for the processes of a
// container: a link there to /etc leads to its own. It is a file system.
type rooted string

var rootPattern = regexp.MustCompile(`^(/proc/\d+/root)/(.+)$`)

// otherRoot takes the name of a file of a process with another root apart.
func otherRoot(name string) (dir, rest string, ok bool) {
	m := rootPattern.FindStringSubmatch(path.Clean(name))
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

func (r rooted) open(name string, flags uint64) (*os.File, error) {
	failed := func(err error) error { return &fs.PathError{Op: "open", Path: string(r) + "/" + name, Err: err} }
	dir, err := unix.Open(string(r), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, failed(err)
	}
	defer func() { _ = unix.Close(dir) }()
	fd, err := unix.Openat2(dir, name, &unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS})
	if err != nil {
		return nil, failed(err)
	}
	return os.NewFile(uintptr(fd), string(r)+"/"+name), nil
}

// Open opens a file without waiting for anybody at the other end of a pipe.
func (r rooted) Open(name string) (fs.File, error) {
	return r.open(name, unix.O_RDONLY|unix.O_NONBLOCK)
}

// Stat opens nothing: a device does not notice.
func (r rooted) Stat(name string) (fs.FileInfo, error) {
	f, err := r.open(name, unix.O_PATH)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Stat()
}

func (r rooted) read(name string) ([]byte, error) {
	st, err := r.Stat(name)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	f, err := r.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, native.MaxSize+1))
	if err == nil && len(data) > native.MaxSize {
		err = fmt.Errorf("%s has more than the %d bytes that are read", name, native.MaxSize)
	}
	return data, err
}

func (r rooted) glob(pattern string) ([]string, error) {
	found, err := fs.Glob(r, pattern)
	for i, f := range found {
		found[i] = string(r) + "/" + f
	}
	return found, err
}
