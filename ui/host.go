package ui

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/hostpage"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
)

// A hostReadMsg is this host as it was read.
type hostReadMsg struct {
	netns   string
	machine machine.Machine
	err     error
}

// A logMsg is what was read and run.
type logMsg struct{ list []machine.Access }

// askHost asks whether this host may be read; what was read already is shown.
func (a app) askHost() (app, tea.Cmd) {
	if a.host.Machine != nil || a.host.Busy {
		return a.perform(contract.Push{Overlay: overlay.NewHost()})
	}
	read, ran := "It reads the registry: TCP, HTTP.sys, IIS, Internet Explorer and PuTTY's sessions; and the configuration file of IIS.", "It runs nothing and changes nothing."
	if runtime.GOOS != "windows" {
		read = "It reads the kernel's variables (/proc/sys), the processes, the listening sockets, and the configuration files of the servers that it finds, with all that they include."
		ran = "It runs those servers for their version (nginx -v), and lets them check their files (nginx -t). It changes nothing, but nginx -t makes what its files name and is not there: an empty pid file, logs, and folders for temporary files."
	}
	title := "Read this host?"
	if a.netns != "" {
		title = "Read " + contract.NamespaceText(a.netns) + "?"
	}
	return a.perform(contract.Push{Overlay: &overlay.Confirm{
		Title: title,
		Text: []string{
			read, ran,
			"Every file and command is listed then: " + a.keys.Key(keymap.ScopeHost, keymap.ShowLog) + " or :log.",
		},
		Yes: "read it", No: "leave", OnYes: contract.ReadHost{}, OnWhere: contract.AskNamespace{Then: contract.AskHost{}},
	}})
}

// hostLine is :host: it reads this host, or opens the path of a number.
func (a app) hostLine(number string) (app, tea.Cmd) {
	n, err := strconv.Atoi(number)
	switch m := a.host.Machine; {
	case number == "":
		return a.askHost()
	case m == nil:
		return a.complain("this host was not read so far; :host reads it"), nil
	case err != nil || n < 1 || n > len(m.Paths):
		return a.complain(fmt.Sprintf("host takes the number of a path, 1 to %d, not %s", len(m.Paths), model.Clean(number, 30))), nil
	}
	return a.openHostPath(n - 1)
}

// readHost reads this host and shows it.
func (a app) readHost() (app, tea.Cmd) {
	if a.cfg.Effects == nil {
		return a.complain(errNoEffects.Error()), nil
	}
	if n := len(a.overlays); n == 0 || !isHost(a.overlays[n-1]) {
		a.overlays = append(slices.Clip(a.overlays), overlay.NewHost())
	}
	return a.rereadHost()
}

// rereadHost reads this host, unless it is being read.
func (a app) rereadHost() (app, tea.Cmd) {
	if a.host.Busy {
		return a, nil
	}
	a.host.Busy = true
	effects, netns := a.cfg.Effects, a.netns
	return a, a.effect(func(ctx context.Context) tea.Msg {
		m, err := effects.ReadHost(ctx, netns)
		return hostReadMsg{netns, m, err}
	})
}

func isHost(o contract.Overlay) bool {
	_, is := o.(*overlay.Host)
	return is
}

// hostRead takes a reading in.
func (a app) hostRead(m hostReadMsg) (app, tea.Cmd) {
	a.host.Busy, a.host.Err = false, ""
	switch {
	case m.netns != a.netns && slices.ContainsFunc(a.overlays, isHost): // asked for before that changed
		return a.rereadHost()
	case m.netns != a.netns:
		return a, nil
	case m.err != nil:
		a.host.Err = model.Clean(m.err.Error(), 300)
		return a, nil
	}
	a.host.Machine = &m.machine
	return a, nil
}

// pickHostPath opens the one path of this host, or asks which.
func (a app) pickHostPath() (app, tea.Cmd) {
	m := a.host.Machine
	switch {
	case m == nil:
		return a, nil
	case len(m.Paths) == 1:
		return a.openHostPath(0)
	}
	o := &overlay.Choice{Title: "Which path?", Text: "The servers of this host, as they send requests on to each other.", Does: "open it", Final: true}
	for i, p := range m.Paths {
		leads := "from here"
		if len(p.At) > 0 {
			leads = "at " + strings.Join(p.At, " ")
		}
		o.Options = append(o.Options, overlay.Option{Label: p.Path.String(), Leads: leads, Then: contract.OpenHostPath{At: i}})
	}
	return a.perform(contract.Push{Overlay: o})
}

// openHostPath makes a path of this host the document, as a step of undo.
func (a app) openHostPath(at int) (app, tea.Cmd) {
	m := a.host.Machine
	if m == nil || at >= len(m.Paths) || a.cfg.Effects == nil {
		return a, nil
	}
	if n := len(a.overlays); n > 0 && isHost(a.overlays[n-1]) {
		a.overlays = a.overlays[:n-1]
	}
	effects, over := a.cfg.Effects, a.s.Document()
	return a, a.effect(func(context.Context) tea.Msg {
		im, err := effects.HostPath(m, at, over)
		if err != nil {
			err = fmt.Errorf("this host: %w", err)
		}
		return importedMsg{im, err}
	})
}

// showLog shows what was read and run.
func (a app) showLog() (app, tea.Cmd) {
	if a.cfg.Effects == nil {
		return a.complain(errNoEffects.Error()), nil
	}
	effects := a.cfg.Effects
	return a, a.effect(func(context.Context) tea.Msg { return logMsg{effects.Log()} })
}

func (a app) logged(m logMsg) (app, tea.Cmd) {
	return a.perform(contract.Push{Overlay: overlay.NewLog(hostpage.LogLines(m.list))})
}
