package trial

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/store"
)

// A Place is the host, or the part of it, that a plan is for.
type Place struct {
	Namespace string // a network namespace, as host.Within takes it; "" for this one
	Endpoints []model.EndpointID
	Etc       string // "" is /etc
	Servers   []Wish // of its servers whose configurations were opened
}

// opens says whether a server of a format is among the place's.
func (p *Place) opens(format string) bool {
	return slices.ContainsFunc(p.Servers, func(w Wish) bool {
		s, ok := w.Target.(*Server)
		return ok && s.Program == format
	})
}

// Main is where the main file of a format's server lies, empty where a trial does not know
// the format.
func Main(format string) string { return mains[format] }

var mains = map[string]string{"nginx": "/etc/nginx/nginx.conf", "apache": "/etc/apache2/apache2.conf", "haproxy": "/etc/haproxy/haproxy.cfg"}

// has says whether an endpoint is on this host.
func (p *Place) has(id model.EndpointID) bool { return slices.Contains(p.Endpoints, id) }

func (p *Place) etc(parts ...string) string {
	etc := p.Etc
	if etc == "" {
		etc = "/etc"
	}
	return filepath.Join(append([]string{etc}, parts...)...)
}

// Triable are the endpoints of which a trial can try something, in the order of the files.
func Triable(files []native.File) []model.EndpointID {
	var ids []model.EndpointID
	for _, f := range files {
		if f.Endpoint != "" && triable[f.Format] && !slices.Contains(ids, f.Endpoint) {
			ids = append(ids, f.Endpoint)
		}
	}
	return ids
}

// triable are the formats that a trial takes.
var triable = map[string]bool{"sysctl": true}

// An assignment is a line of a file of sysctl.
type assignment struct {
	key, value string
	line       int
}

// assignments are the lines of a file of sysctl that set something.
func assignments(content []byte) []assignment {
	var out []assignment
	lines := bufio.NewScanner(bytes.NewReader(content))
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		key, value, ok := strings.Cut(text, "=")
		if !ok || strings.HasPrefix(text, "#") || strings.HasPrefix(text, ";") {
			continue
		}
		key = strings.ReplaceAll(strings.TrimSpace(strings.TrimPrefix(key, "-")), "/", ".")
		out = append(out, assignment{key, strings.Join(strings.Fields(value), " "), n})
	}
	return out
}

// dropIn is the name of the file below sysctl.d that a trial's variables are kept in.
const dropIn = "60-keeptune.conf"

// keepSysctls plans the file that sets variables when the host starts, with the variables
// that it sets already and the plan says nothing of.
func (p *Plan) keepSysctls(place *Place, text []byte) error {
	path := place.etc("sysctl.d", dropIn)
	was, err := content(path)
	if err != nil {
		return err
	}
	ours := map[string]bool{}
	for _, a := range assignments(text) {
		ours[a.key] = true
	}
	first := true
	for _, a := range assignments(was) {
		if ours[a.key] {
			continue
		}
		if first {
			text = append(bytes.Clone(text), "\n# Kept before this:\n"...)
			first = false
		}
		text = fmt.Appendf(text, "%s = %s\n", a.key, a.value)
	}
	p.Keep = append(p.Keep, File{Path: path, Was: was, Content: text})
	for _, o := range place.overriding(ours) {
		p.Notes = append(p.Notes, fmt.Sprintf("When the host starts, %s sets %s to %s after %s: take that line out.", o.file, o.key, o.value, dropIn))
	}
	return nil
}

type override struct {
	assignment
	file string // with the line
}

// overriding are the lines that set one of the variables later than the drop-in does:
// systemd-sysctl and sysctl --system take the files of all directories by their names, and
// procps reads sysctl.conf last.
func (p *Place) overriding(keys map[string]bool) []override {
	files := []string{p.etc("sysctl.conf")}
	for _, dir := range []string{p.etc("sysctl.d"), "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d"} {
		found, _ := filepath.Glob(filepath.Join(dir, "*.conf")) // the pattern is right
		for _, f := range found {
			if filepath.Base(f) > dropIn {
				files = append(files, f)
			}
		}
	}
	var out []override
	seen := map[string]bool{}
	for _, f := range files {
		if real, err := filepath.EvalSymlinks(f); err != nil || seen[real] {
			continue
		} else {
			seen[real] = true
		}
		content, err := os.ReadFile(f)
		if err != nil {
			continue // whoever starts the host reads it; here it only warns
		}
		for _, a := range assignments(content) {
			if keys[a.key] {
				out = append(out, override{a, fmt.Sprintf("%s:%d", f, a.line)})
			}
		}
	}
	return out
}

// fileLimit is the most bytes of a file that is changed or written.
const fileLimit = 4 << 20

// content is what a file holds, nil where there is none.
func content(path string) ([]byte, error) {
	data, err := store.ReadLimited(path, fileLimit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && data == nil {
		data = []byte{}
	}
	return data, err
}
