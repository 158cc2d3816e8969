//go:build !windows

package store

import (
	"io"
	"io/fs"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
)

// replace writes what it reads to a file beside path and renames it onto path. With old
// it keeps its mode, owner and group, or fails before anything is replaced.
func replace(path string, from io.Reader, mode fs.FileMode, old fs.FileInfo) error {
	opts := []renameio.Option{renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(mode)}
	if old != nil {
		opts = append(opts, renameio.WithExistingPermissions())
	}
	f, err := renameio.NewPendingFile(path, opts...)
	if err != nil {
		return err
	}
	defer func() { _ = f.Cleanup() }()
	if old != nil {
		if err := keepOwner(f, old); err != nil {
			return err
		}
	}
	if _, err := io.Copy(f, from); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}

func keepOwner(f *renameio.PendingFile, old fs.FileInfo) error {
	was, ok := old.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if now, ok := st.Sys().(*syscall.Stat_t); ok && now.Uid == was.Uid && now.Gid == was.Gid {
		return nil
	}
	if err := f.Chown(int(was.Uid), int(was.Gid)); err != nil {
		return &Error{Op: "write", Why: "it belongs to another user and would change its owner", Help: "run keeptune as that user, or write to a new file", Err: err}
	}
	return f.Chmod(old.Mode().Perm()) // chown may have cleared bits
}
