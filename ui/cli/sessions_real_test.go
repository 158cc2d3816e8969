//go:build real && !windows

package cli_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/trace/packets"
	"example.com/keeptune/ui/internal/screen"
)

// fewest are the keys that each session of docs/sessions.md took when it was the
// shortest: one that needs more is a step back.
var fewest = map[string]int{
	"502 now and then, behind an ALB, nginx and Node":                        6,
	"PuTTY on Windows 7 dies in short outages":                               6,
	"PuTTY behind a firewall":                                                6,
	"PostgreSQL behind a firewall that forgets after an hour":                5,
	"Internet Explorer and IIS 1.0 on Windows NT 4":                          12,
	"An nginx.conf opened, put right and written back":                       13,
	"An HAProxy configuration and a sysctl.conf, opened as one":              8,
	"gRPC through an NLB":                                                    5,
	"A server that does not do what its file says":                           9,
	"A terminal that hung up":                                                5,
	"Two legs of one path, one of them from a hardening template":            45,
	"Sessions that drop in quiet times for one and in outages for the other": 30,
	"Busy workers behind a load balancer":                                    18,
	"A capture, and the server in it that closes first":                      25,
}

// A tale is one session of docs/sessions.md.
type tale struct {
	title    string
	keys     int
	commands []string // the first starts it, each other one goes on after a hang-up
	steps    []step
	ends     []ending
}

type step struct {
	press, says string
	again       bool // a command comes first
}

type ending struct{ file, text string }

var (
	taleTitle   = regexp.MustCompile(`(?m)^## (.+) \((\d+) keys\)$`)
	taleCommand = regexp.MustCompile(`^    keeptune ?(.*)$`)
	taleStep    = regexp.MustCompile("^\\| `(.+?)` \\| .+ \\| `(.+)` \\|$")
	taleEnd     = regexp.MustCompile("`([^`]+)` with `([^`]+)`")
)

func tales(t *testing.T) []tale {
	t.Helper()
	text, err := os.ReadFile("../../docs/sessions.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []tale
	again := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if m := taleTitle.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[2])
			all, again = append(all, tale{title: m[1], keys: n}), false
			continue
		}
		if len(all) == 0 {
			continue
		}
		s := &all[len(all)-1]
		switch {
		case taleCommand.MatchString(line):
			s.commands, again = append(s.commands, taleCommand.FindStringSubmatch(line)[1]), len(s.steps) > 0
		case taleStep.MatchString(line):
			m := taleStep.FindStringSubmatch(line)
			s.steps, again = append(s.steps, step{m[1], m[2], again}), false
		case strings.HasPrefix(line, "Ends in "):
			for _, m := range taleEnd.FindAllStringSubmatch(line, -1) {
				s.ends = append(s.ends, ending{m[1], m[2]})
			}
		}
	}
	return all
}

// words are the arguments of a command, as a shell splits them.
func words(command string) []string {
	var found []string
	for _, m := range regexp.MustCompile(`'([^']*)'|(\S+)`).FindAllStringSubmatch(command, -1) {
		found = append(found, m[1]+m[2])
	}
	return found
}

// presses is how many keys a step is: its name is one, other text is typed.
func (s step) presses() int {
	if named.MatchString(s.press) {
		return 1
	}
	return len([]rune(s.press))
}

var named = regexp.MustCompile(`^(enter|esc|tab|up|down|left|right|home|end|ctrl\+\w|alt\+\w)$`)

// TestRealSessions types the sessions of docs/sessions.md: every answer is on the
// screen, the keys are as many as it says and no more than before, and the files are
// there in the end.
func TestRealSessions(t *testing.T) {
	bin, found := screen.Build(t), map[string]int{}
	for _, s := range tales(t) {
		found[s.title] = s.keys
		t.Run(s.title, func(t *testing.T) { s.play(t, bin) })
	}
	if !maps.Equal(found, fewest) {
		t.Errorf("the sessions and their keys are\n%v\nwant\n%v", found, fewest)
	}
}

// captures writes beside each description of packets the capture that it is of.
func captures(t *testing.T, dir string) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*.packets"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		segments, err := packets.Parse(string(text))
		if err != nil {
			t.Fatal(err)
		}
		file, err := packets.Pcap(segments)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(strings.TrimSuffix(name, "packets")+"pcap", file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *tale) play(t *testing.T, bin string) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../docs/sessions")); err != nil {
		t.Fatal(err)
	}
	captures(t, dir)
	home := t.TempDir()
	start := func(command string) *screen.Screen {
		args := words(command)
		if i := slices.Index(args, "http://127.0.0.1:8080"); i >= 0 {
			args[i] = "http://" + realserver.Nginx(t, realserver.NginxConf{Server: "keepalive_timeout 3s;"}).Addr
		}
		return screen.Start(t, bin, screen.Options{Args: args, Dir: dir, Env: []string{"XDG_STATE_HOME=" + home, "XDG_DATA_HOME=" + home}})
	}
	scr, next := start(s.commands[0]), 1
	scr.WaitUntil("shows neither a verdict nor the first question", func(text string) bool {
		return strings.Contains(text, "LIMIT") || strings.Contains(text, "What brings you here?")
	})
	pressed := 0
	for _, k := range s.steps {
		if k.again {
			scr.Signal(syscall.SIGHUP)
			scr.Exit()
			scr, next = start(s.commands[next]), next+1
			scr.WaitFor("LIMIT")
		}
		if scr.Contains(k.says) {
			t.Errorf("%q is on the screen before %s is pressed", k.says, k.press)
		}
		scr.Type(k.press)
		scr.WaitFor(k.says)
		pressed += k.presses()
	}
	if pressed != s.keys {
		t.Errorf("%d keys were pressed, the title says %d", pressed, s.keys)
	}
	for _, e := range s.ends {
		text, err := os.ReadFile(filepath.Join(dir, e.file))
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.ReplaceAll(string(text), "\x00", ""); !strings.Contains(text, e.text) { // regedit's is UTF-16
			t.Errorf("%s does not say %s:\n%s", e.file, e.text, text)
		}
	}
}
