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
	Servers   []Wish // of its servers whose configurations were opened, or take a file
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

var mains = map[string]string{"nginx": "/etc/nginx/nginx.conf", "apache": "/etc/apache2/apache2.conf", "haproxy": "/etc/haproxy/haproxy.cfg", "sshd": "/etc/ssh/sshd_config"}

// has says whether an endpoint is on this host.
func (p *Place) has(id model.EndpointID) bool { return slices.Contains(p.Endpoints, id) }

func (p *Place) etc(parts ...string) string {
	etc := p.Etc
	if etc == "" {
		etc = "/etc"
	}
	return filepath.Join(append([]string{etc}, parts...)...)
}

// Triable are the endpoints of which a trial can try something that is not among the servers
// of a place, in the order of the files.
func Triable(files []native.File, p *Place) []model.EndpointID {
	var ids []model.EndpointID
	for _, f := range files {
		can := f.Format == "sysctl" || slices.Contains(native.DropIns(), f.Format) && !p.opens(f.Format)
		if f.Endpoint != "" && !f.Unowned && can && !slices.Contains(ids, f.Endpoint) {
			ids = append(ids, f.Endpoint)
		}
	}
	return ids
}

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
		if key, value, ok := assigned(lines.Text()); ok {
			out = append(out, assignment{key, value, n})
		}
	}
	return out
}

// assigned is what a line of a file of sysctl sets.
func assigned(line string) (key, value string, ok bool) {
	text := strings.TrimSpace(line)
	if key, value, ok = strings.Cut(text, "="); !ok || isComment(text) {
		return "", "", false
	}
	key = strings.TrimSpace(strings.TrimPrefix(key, "-"))
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '/' {
		key = otherSeparator.Replace(key)
	}
	return key, strings.Join(strings.Fields(value), " "), true
}

func isComment(text string) bool { return strings.HasPrefix(text, "#") || strings.HasPrefix(text, ";") }

// otherSeparator turns net/ipv4/conf/eth0.100/mtu into net.ipv4.conf.eth0/100.mtu and back:
// what separates first does so to the end (sysctl.d(5)).
var otherSeparator = strings.NewReplacer("/", ".", ".", "/")

// without is a file of sysctl without the lines that set a variable of which drop says so,
// with the comments right above them. All else stays as it stands.
func without(content []byte, drop func(key string) bool) []byte {
	var out, above []byte
	for line := range bytes.Lines(content) {
		text := string(bytes.TrimSpace(line))
		key, _, sets := assigned(text)
		switch {
		case isComment(text):
			above = append(above, line...)
			continue
		case !sets || !drop(key):
			out = append(append(out, above...), line...)
		}
		above = nil
	}
	if out = append(out, above...); len(out) > 0 && !bytes.HasSuffix(out, []byte("\n")) {
		out = append(out, '\n')
	}
	return out
}

// keptBefore heads what a file said already that is written anew.
const keptBefore = "# Kept before this:"

// foreign is a file of sysctl without the comments that keeptune heads and ends its own
// with.
func foreign(content []byte) []byte {
	var out []byte
	ours, blank := false, true
	for line := range bytes.Lines(content) {
		text := string(bytes.TrimSpace(line))
		begins := text == keptBefore || strings.HasPrefix(text, "# keeptune ") || strings.HasPrefix(text, "# The same by hand")
		ours = isComment(text) && (ours || begins)
		if ours && text == keptBefore { // a heading of one line
			ours = false
			continue
		}
		if ours || text == "" && blank {
			continue
		}
		blank = text == ""
		out = append(out, line...)
	}
	return bytes.TrimRight(out, "\n \t")
}

// dropIn is the name of the file below sysctl.d that a trial's variables are kept in.
const dropIn = "60-keeptune.conf"

// keepSysctls plans the file that sets variables when the host starts, with what it says
// already and the plan does not.
func (p *Plan) keepSysctls(place *Place, text []byte) error {
	ours := map[string]string{}
	for _, a := range assignments(text) {
		ours[a.key] = a.value
	}
	if len(ours) == 0 {
		return nil
	}
	path := place.etc("sysctl.d", dropIn)
	was, err := content(path)
	if err != nil {
		return err
	}
	isOurs := func(key string) bool { _, is := ours[key]; return is }
	if rest := foreign(without(was, isOurs)); len(rest) > 0 {
		text = fmt.Appendf(bytes.Clone(text), "\n%s\n%s\n", keptBefore, rest)
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

// overriding are the lines that set one of the variables to another value, and later than
// the drop-in does: systemd-sysctl and sysctl --system take the files of all directories by
// their names, of two of one name the first, and procps reads sysctl.conf last.
func (p *Place) overriding(values map[string]string) []override {
	files := []string{p.etc("sysctl.conf")}
	named := map[string]bool{}
	for _, dir := range []string{p.etc("sysctl.d"), "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d"} {
		found, _ := filepath.Glob(filepath.Join(dir, "*.conf")) // the pattern is right
		for _, f := range found {
			if name := filepath.Base(f); name > dropIn && !named[name] {
				files = append(files, f)
				named[name] = true
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
			if want, is := values[a.key]; is && want != a.value {
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
