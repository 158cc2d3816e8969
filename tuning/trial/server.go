package trial

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/tuning/native"
)

// ServerKind is the kind of a [Server].
const ServerKind = "server"

// A ServerFile is a file of a server's configuration, before and after.
type ServerFile struct {
	Path     string    `json:"path"`
	Was, Now []byte    // nil where there is no such file
	Time     time.Time `json:"time"` // of its last change before; it has this again when it is as it was
}

// A Server is the configuration of a running server: files that are written, checked by
// the server's own program, and loaded by it. Its values are two words: the files as they
// were, and as they are to be.
type Server struct {
	Program string       `json:"program"` // nginx, apache, haproxy or sshd
	Main    string       `json:"main"`    // its main file
	Files   []ServerFile `json:"files"`
	Says    []string     `json:"says,omitempty"`   // lines that have to count then, where the program tells what does
	Closes  bool         `json:"closes,omitempty"` // it is to close connections after a reply, where it kept them
	// Serves are the listeners that speak HTTP, as HOST:PORT or *:PORT; nil for all. At others
	// bytes are passed on, and nothing is asked: it would reach what is behind them.
	Serves []string `json:"serves"`
}

// The values of a [Server].
const (
	filesWere = "as it was"
	filesNow  = "as changed"
	filesElse = "something else"
)

// NewServer is the server that reads a main file, with what is to be changed of it.
func NewServer(program, main string, files []native.RewrittenFile) *Server {
	s := &Server{Program: program, Main: main}
	for _, f := range files {
		file := ServerFile{Path: f.Path, Was: f.Was, Now: f.Now}
		if st, err := os.Stat(f.Path); err == nil {
			file.Time = st.ModTime()
		}
		s.Files = append(s.Files, file)
	}
	return s
}

// Changed is the value of a server whose files are as planned.
func (s *Server) Changed() string { return filesNow }

// Kind is [ServerKind].
func (s *Server) Kind() string { return ServerKind }

// Spec is what makes the server again.
func (s *Server) Spec() any { return s }

// About names the server by its main file.
func (s *Server) About() About {
	return About{Name: s.Program + " " + s.Main, Effect: serverEffects[s.Program]}
}

// serverEffects are what a reload does, after "takes effect".
var serverEffects = map[string]string{
	"nginx":   "by a reload: requests at work are finished, idle connections of clients are closed at once",
	"apache":  "by a graceful restart: requests at work are finished, idle connections are closed",
	"haproxy": "by a reload: requests at work are finished, idle connections of clients are closed at once, unless option idle-close-on-response is set",
	"sshd":    "for new connections, by a reload: open sessions stay open, and keep what they began with",
}

// Command is empty: the difference says more.
func (s *Server) Command(string) string { return "" }

// Difference is the lines that go, and those that come in their place, without comments.
func (s *Server) Difference() []string {
	var out []string
	for _, f := range s.Files {
		if f.Was == nil {
			out = append(out, f.Path+" (new)")
			for _, l := range said(strings.Split(string(f.Now), "\n")) {
				out = append(out, "+ "+l)
			}
			continue
		}
		was, now := strings.Split(string(f.Was), "\n"), strings.Split(string(f.Now), "\n")
		first := 0
		for first < min(len(was), len(now)) && was[first] == now[first] {
			first++
		}
		last := 0
		for last < min(len(was), len(now))-first && was[len(was)-1-last] == now[len(now)-1-last] {
			last++
		}
		goes, comes := was[first:len(was)-last], now[first:len(now)-last]
		at := max(0, slices.IndexFunc(goes, says)) // of a file that keeptune wrote before the comments are others, too
		out = append(out, fmt.Sprintf("%s:%d", f.Path, first+at+1))
		for _, l := range said(goes) {
			out = append(out, "- "+l)
		}
		for _, l := range said(comes) {
			out = append(out, "+ "+l)
		}
	}
	return out
}

// Read tells which of its two values the files hold.
func (s *Server) Read(context.Context) (string, error) {
	were, are := true, true
	for _, f := range s.Files {
		now, err := content(f.Path)
		if err != nil {
			return "", err
		}
		were = were && same(now, f.Was)
		are = are && same(now, f.Now)
	}
	switch {
	case are: // and where nothing is to be changed
		return filesNow, nil
	case were:
		return filesWere, nil
	}
	return filesElse, nil
}

// said are the lines that are neither empty nor comments.
func said(lines []string) []string {
	var out []string
	for _, l := range lines {
		if says(l) {
			out = append(out, strings.TrimSpace(l))
		}
	}
	return out
}

func says(line string) bool {
	text := strings.TrimSpace(line)
	return text != "" && !isComment(text)
}

// same says whether two files hold the same; nil is where there is none.
func same(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }
