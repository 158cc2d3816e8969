package term

import (
	"os"
	"runtime"
	"strings"

	"github.com/charmbracelet/lipgloss"
	xterm "github.com/charmbracelet/x/term"
	"github.com/muesli/termenv"
)

// The frames per second of --fps where nothing is said, and the most of them. A
// key is drawn at once; the cap holds together what comes faster, such as keys
// that were typed while the link was slow.
const (
	LocalFPS  = 240
	RemoteFPS = 60
	MaxFPS    = 240
)

// Options are what the user said.
type Options struct {
	ASCII   bool // --ascii
	NoColor bool // --no-color
	FPS     int  // --fps; 0 means not said
}

// Caps are what the terminal is taken to be able to do.
type Caps struct {
	ASCII bool // draw with ASCII only
	Color bool // the sixteen colours and attributes; false means neither
	Sync  bool // shows a frame as a whole between two sequences (mode 2026)
	FPS   int
}

// Decide works the capabilities out of what the user said and the
// environment, read through getenv (os.Getenv). It asks the terminal nothing.
func Decide(o Options, getenv func(string) string) Caps {
	fps := o.FPS
	if fps <= 0 {
		fps = LocalFPS
		if getenv("SSH_TTY") != "" || getenv("SSH_CONNECTION") != "" {
			fps = RemoteFPS
		}
	}
	return Caps{
		ASCII: o.ASCII || needsASCII(getenv),
		Color: !o.NoColor && getenv("NO_COLOR") == "" && !plainTerm(getenv("TERM")),
		Sync:  synchronized(getenv),
		FPS:   min(fps, MaxFPS),
	}
}

// Apply makes lipgloss draw with these capabilities. It is called once, before
// anything is drawn.
func (c Caps) Apply() {
	if c.Color {
		lipgloss.SetColorProfile(termenv.ANSI)
		return
	}
	lipgloss.SetColorProfile(termenv.Ascii)
}

// synchronized says whether the terminal is one of those known to have synchronized
// output. The others ignore its sequences or write about them to their log, and
// get a frame in one write all the same.
func synchronized(getenv func(string) string) bool {
	name, _, _ := strings.Cut(strings.TrimPrefix(getenv("TERM"), "xterm-"), "-")
	switch name {
	case "alacritty", "contour", "foot", "ghostty", "kitty", "tmux", "wezterm":
		return true
	}
	switch getenv("TERM_PROGRAM") {
	case "WezTerm", "ghostty", "iTerm.app":
		return true
	}
	return false
}

// plainTerm says whether a TERM stands for a terminal without colours. On
// Windows TERM is not set and the console has them.
func plainTerm(t string) bool {
	switch t {
	case "":
		return runtime.GOOS != "windows"
	case "dumb", "vt100", "vt102", "vt220":
		return true
	}
	return strings.HasSuffix(t, "-m") || strings.HasSuffix(t, "-mono")
}

// needsASCII says whether line-drawing characters would come out wrong: on the
// consoles that lack them, outside UTF-8, and in locales where terminals draw
// ambiguous characters two cells wide.
func needsASCII(getenv func(string) string) bool {
	switch getenv("TERM") {
	case "linux", "vt100", "vt102", "vt220", "dumb":
		return true
	}
	if v := getenv("RUNEWIDTH_EASTASIAN"); v != "" && v != "0" {
		return true
	}
	locale := ""
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale = getenv(name); locale != "" {
			break
		}
	}
	if locale == "" {
		return runtime.GOOS != "windows"
	}
	l := strings.ToLower(locale)
	if !strings.Contains(l, "utf-8") && !strings.Contains(l, "utf8") {
		return true
	}
	for _, wide := range []string{"ja", "ko", "zh"} {
		if l == wide || strings.HasPrefix(l, wide+"_") || strings.HasPrefix(l, wide+".") {
			return true
		}
	}
	return false
}

// Usable says whether the terminal UI can run on these files, and if not, why,
// as the end of a sentence ("no terminal UI: ...").
func Usable(in, out *os.File, termName string) (ok bool, why string) {
	switch {
	case in == nil || !xterm.IsTerminal(in.Fd()):
		return false, "standard input is not a terminal"
	case out == nil || !xterm.IsTerminal(out.Fd()):
		return false, "standard output is not a terminal"
	case runtime.GOOS == "windows":
		return true, ""
	case termName == "":
		return false, "TERM is not set"
	case termName == "dumb":
		return false, "TERM=dumb cannot move the cursor"
	}
	return true, ""
}
