package cli

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/pflag"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/term"
	"example.com/keeptune/ui/theme"
)

// globals are the flags that every command has.
type globals struct {
	fps      int
	theme    string
	noColor  bool
	ascii    bool
	plain    bool
	mouse    bool
	redact   bool
	write    bool
	debug    string
	config   string
	timezone string

	mode     theme.Mode
	zone     *time.Location
	debugTo  *os.File
	debugLog *slog.Logger
}

func (g *globals) flags(f *pflag.FlagSet) {
	f.IntVar(&g.fps, "fps", 0, "at most `N` frames per second, 1 to 240 (default 240, 60 over SSH)")
	f.StringVar(&g.theme, "theme", "default", "`THEME`: default, light or dark")
	f.BoolVar(&g.noColor, "no-color", false, "no colours (NO_COLOR does the same)")
	f.BoolVar(&g.ascii, "ascii", false, "draw with ASCII only")
	f.BoolVar(&g.plain, "plain", false, "lines of text instead of the full screen")
	f.BoolVar(&g.mouse, "mouse", false, "begin with the mouse on")
	f.StringVar(&g.config, "config", "", "read this configuration `FILE`; none reads none")
	f.BoolVar(&g.write, "write", false, "may change this host, always as a trial that undoes itself; without it nothing can")
	f.BoolVar(&g.redact, "redact", false, "put stand-ins such as host-1 in the place of names, addresses and paths")
	f.StringVar(&g.debug, "debug", "", "write a log to `FILE`")
	f.StringVar(&g.timezone, "timezone", "Local", "show times in this `ZONE`: Local, UTC, Europe/Berlin")
}

// check settles the flags before a command runs.
func (g *globals) check(redacted func(io.Writer) io.Writer) error {
	var err error
	if g.mode, err = theme.ParseMode(g.theme); err != nil {
		return fmt.Errorf("--theme: %w", err)
	}
	if g.fps < 0 || g.fps > term.MaxFPS {
		return fmt.Errorf("--fps is %d; it goes from 1 to %d", g.fps, term.MaxFPS)
	}
	if g.zone, err = time.LoadLocation(g.timezone); err != nil {
		return fmt.Errorf("--timezone: there is no zone %q here; write Local, UTC or a name such as Europe/Berlin", model.Clean(g.timezone, 60))
	}
	g.debugLog = slog.New(slog.DiscardHandler)
	if g.debug == "" {
		return nil
	}
	if g.debugTo, err = os.OpenFile(g.debug, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return fmt.Errorf("--debug: cannot write %s: %w; name a file in a directory you may write to", g.debug, unwrapPath(err))
	}
	g.debugLog = slog.New(slog.NewTextHandler(redacted(g.debugTo), &slog.HandlerOptions{Level: slog.LevelDebug}))
	return nil
}

// end closes the log.
func (g *globals) end(code int, err error) {
	if g.debugTo == nil {
		return
	}
	g.debugLog.Info("end", "code", code, "err", err)
	_ = g.debugTo.Close()
}
