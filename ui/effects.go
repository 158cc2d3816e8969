package ui

import (
	"context"
	"errors"
	"runtime/debug"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/options"
)

// Effects are the things the screen asks the outside for. All but Autosave run
// in commands, with a context that ends with the program.
type Effects interface {
	// LiveTest runs a live test and calls emit in order; a target of "" is the
	// built-in server, which the implementation starts. The controls change its
	// socket options meanwhile.
	LiveTest(ctx context.Context, target string, spec livetest.Spec, controls *run.Controls, emit func(livetest.Event)) error
	// NeedsConsent reports whether the target is not this machine.
	NeedsConsent(ctx context.Context, target string) bool
	SaveSession(path string, doc model.Document) error
	// LoadSession reads a session; errors.Is(err, fs.ErrNotExist) tells a
	// missing file from a bad one, [contract.ErrConfig] a configuration.
	LoadSession(path string) (model.Document, error)
	// Import reads configurations over a document, in each way that their contexts
	// allow, the worst first. The error is a [*contract.Question] where something has to
	// be said first.
	Import(x contract.ImportFile, over model.Document) (contract.Imported, error)
	// Patch is what the changes from one document to another make of the files of an
	// import, of which some contexts were taken.
	Patch(x contract.ImportFile, before, after model.Document) (contract.Patch, error)
	// CommitBack writes a patch, all of it or nothing, and returns the paths written;
	// each file is copied first. A file that is not as it was is an error.
	CommitBack(p contract.Patch) ([]string, error)
	// Names are the files and folders whose path begins so, for completion: a few.
	Names(path string) []string
	// Autosave keeps the document for keeptune resume; an older seq than the
	// last one is dropped. It is also called synchronously at a hang-up.
	Autosave(seq uint64, doc model.Document) error
	// KeepOptions writes options into a configuration file: its other lines stay.
	KeepOptions(l options.Loaded) error
	// Sockets counts the TCP sockets of this host that are asked for; hidden are the
	// processes that this user may not look into.
	Sockets(ctx context.Context, q contract.CensusQuery) (counted *census.Summary, hidden int, err error)
	// Capture follows the connections of a capture until ctx ends, and calls emit with how far
	// it has read, about once a second, and at last with what was seen.
	Capture(ctx context.Context, file string, emit func(contract.Captured)) error
	// Watch follows the connections whose packets pass this host until ctx ends, and calls
	// emit about once a second with what was seen so far, where that has changed.
	Watch(ctx context.Context, q contract.WatchQuery, emit func(contract.Captured)) error
	// ReadHost reads what this host has in force, or a network namespace of it; it changes
	// nothing.
	ReadHost(ctx context.Context, namespace string) (machine.Machine, error)
	// Namespaces are the network namespaces of this host, its own first.
	Namespaces(ctx context.Context) ([]contract.Namespace, error)
	// HostPath gives what was read to a path of this host, in every way that the contexts
	// of its servers allow, the worst first.
	HostPath(m *machine.Machine, at int, over model.Document) (contract.Imported, error)
	// Log is what was read, run and written for the screen, in its order.
	Log() []machine.Access
	// Preview says what writing the files and their undo would do.
	Preview(dir string, files []native.File) ([]Planned, error)
	// WriteFiles writes the files and their undo and returns the paths written.
	// Without overwrite, existing files that differ are left alone and reported.
	WriteFiles(dir string, files []native.File, overwrite bool) ([]string, error)
}

// Planned is one file that an export would write.
type Planned = contract.Planned

// errNoEffects is what every effect says where there are none (in tests).
var errNoEffects = errors.New("this build of the screen has no effects")

// A crashMsg carries a panic of a command or a goroutine to the root.
type crashMsg struct {
	value any
	stack []byte
}

// effect is the only maker of commands that do something outside: it hands in
// a context that ends with the program, and turns a panic into a crashMsg.
func (a app) effect(work func(ctx context.Context) tea.Msg) tea.Cmd {
	ctx := a.out.ctx
	return func() (msg tea.Msg) {
		defer func() {
			if v := recover(); v != nil {
				msg = crashMsg{v, debug.Stack()}
			}
		}()
		return work(ctx)
	}
}
