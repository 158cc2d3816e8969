package store

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// recentLimit is how many systems are remembered.
const recentLimit = 16

// recentSize is the most bytes read of the file that remembers them.
const recentSize = 4096

var idPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`) })

func (p Places) recent() string { return filepath.Join(p.State, "recent") }

// Recent returns the ids of the systems that were used last, the latest first,
// at most 16. A file that is missing, cannot be read or holds something else
// gives what it has of ids, or nothing: it is a convenience.
func (p Places) Recent() []string {
	data, err := ReadLimited(p.recent(), recentSize)
	if err != nil {
		return nil
	}
	return remembered(strings.Fields(string(data)))
}

// remembered are the ids among words, each once.
func remembered(words []string) []string {
	var out []string
	for _, id := range words {
		if len(out) < recentLimit && idPattern().MatchString(id) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// KeepRecent puts ids, the latest first, before those remembered already.
// Nothing is written where nothing changes.
func (p Places) KeepRecent(ids []string) error {
	before := p.Recent()
	now := remembered(append(slices.Clone(ids), before...))
	if slices.Equal(before, now) {
		return nil
	}
	return Write(p.recent(), []byte(strings.Join(now, "\n")+"\n"), Options{Mode: Private, Replace: true, Parents: true})
}
