// Package store keeps what keeptune writes and finds what it reads: sessions,
// autosaves, exports and the user's own catalog, by the XDG places.
//
// It deals in bytes and knows nothing of sessions or catalogs. A file is
// either the old one or the new one, never half of it, and every error is one
// sentence that names the path and says what would be right.
package store

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/adrg/xdg"
)

// File modes of what is written.
const (
	Private fs.FileMode = 0o600 // sessions: they name hosts
	Shared  fs.FileMode = 0o644 // exports: servers read them
)

// SessionLimit is the most bytes read of a session file.
const SessionLimit = 1 << 20

// Places are the directories that belong to keeptune. They need not exist.
type Places struct {
	Config string // systems/*.toml, config.toml
	State  string // autosaves, crash reports
	Data   string // saved sessions that were given no path
}

// xdg keeps what it read in variables of its package.
var reading sync.Mutex

// UserPlaces returns the places of this user, from XDG_CONFIG_HOME,
// XDG_STATE_HOME and XDG_DATA_HOME as they are now.
func UserPlaces() Places {
	reading.Lock()
	defer reading.Unlock()
	xdg.Reload()
	return Places{
		Config: filepath.Join(xdg.ConfigHome, "keeptune"),
		State:  filepath.Join(xdg.StateHome, "keeptune"),
		Data:   filepath.Join(xdg.DataHome, "keeptune"),
	}
}

// A CatalogDir is a directory of the user's own system files.
type CatalogDir struct {
	Path string // for messages
	FS   fs.FS
}

// Catalogs returns the user's catalog directories that exist, in the order in
// which they are laid over the embedded catalog: systems below the
// configuration, then keeptune.d in the directory work.
func (p Places) Catalogs(work string) []CatalogDir {
	var out []CatalogDir
	for _, dir := range []string{filepath.Join(p.Config, "systems"), filepath.Join(work, "keeptune.d")} {
		if st, err := os.Stat(dir); err == nil && st.IsDir() {
			out = append(out, CatalogDir{Path: dir, FS: os.DirFS(dir)})
		}
	}
	return out
}
