package store

import (
	"path/filepath"
	"slices"
)

// Configs reads the files that a configuration includes from the disk. Names
// have slashes.
type Configs struct {
	Limit int64 // of a file, in bytes
}

// Read is the content of a file, as [ReadLimited] reads it.
func (c Configs) Read(name string) ([]byte, error) {
	return ReadLimited(filepath.FromSlash(name), c.Limit)
}

// Glob lists the files that a pattern names, sorted.
func (c Configs) Glob(pattern string) ([]string, error) {
	found, err := filepath.Glob(filepath.FromSlash(pattern))
	if err != nil {
		return nil, &Error{Op: "read", Path: pattern, Why: "it is no pattern of file names", Err: err}
	}
	for i, f := range found {
		found[i] = filepath.ToSlash(f)
	}
	slices.Sort(found)
	return found, nil
}
