package contract

import (
	"context"
	"net/netip"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/seen"
	"example.com/keeptune/tuning/trace"
)

// A Captured is what a capture, or a watch so far, shows.
type Captured struct {
	Of      string // the file's name, or what is watched
	Picture trace.Picture
	File    capture.Counts
	Source  Packets // nil where nothing more can be asked
	// At is how many bytes of a file were read, of Size; that is 0 where it is not known.
	At, Size int64
}

// Packets is where connections and their packets are had from. Its methods may be called
// from several goroutines, and not while something is drawn.
type Packets interface {
	// Connections are those that ended and are kept of a server, the first one first.
	Connections(server netip.AddrPort) []trace.Connection
	// Of are a connection's packets without what they carried, as many as are kept, and
	// whether there are more.
	Of(ctx context.Context, c *trace.Connection) (all []capture.Segment, more bool, err error)
}

// A WatchQuery is what is to be watched, and where.
type WatchQuery struct {
	Interface string // "" for every one
	Ports     []uint16
	Namespace string // "" for the one that was chosen
}

// A WireView is what packets prove, as it is shown.
type WireView struct {
	Captured
	Known   bool // there is a picture
	Running bool // packets are watched, or a file is read
	Watch   bool // it is a watch
	Err     string
	Places  []seen.Place  // servers of the path, in the capture
	Gone    []model.Place // servers that a person placed, at addresses that it does not have
	// Configured is the report with what was configured in the place of measured settings,
	// against which the capture is held; set with Known.
	Configured *tuning.Report

	Files []WireFile // what can be written of it, as it was when that was asked for
	Made  int        // changes with Files

	Server      netip.AddrPort // whose Connections they are
	Connections []trace.Connection
	Connection  trace.Connection // whose Packets they are
	Packets     []capture.Segment
	More        bool // than these
}

// Reading says whether a capture is read that nothing is shown of yet.
func (v *WireView) Reading() bool { return v.Running && !v.Watch && !v.Known }

// A WireReport is what a capture shows, to be written to a file.
type WireReport struct {
	ID, Title string
	Name      string // of its file
	Render    func(*Wired) ([]byte, error)
}

// WireConnections is the WireReport that lists connections.
const WireConnections = "wire-csv"

// Wired is what a WireReport is made of.
type Wired struct {
	Captured
	Held        func(*trace.Server) []seen.Held
	Beside      func(*trace.Server) []string // the same in words, and which server of the path it is
	Connections []trace.Connection           // that ended and are kept, server by server
}

// A WireFile is a WireReport that was made.
type WireFile struct {
	ID, Title, Name string
	Content         []byte
	Err             error
}

// Held are the timers of the path, as they are configured, beside what was seen of a server.
func (c *Context) Held(s *trace.Server) []seen.Held {
	var all []seen.Held
	for _, x := range c.Wire.Places {
		if r := c.Wire.Configured; x.Addr == s.Addr && r != nil && x.Leg < min(len(r.Legs), len(c.Report.Legs)) {
			for _, h := range seen.Hold(r, x.Leg, s, c.Wire.Of) {
				h.Taken = seen.TakenOf(&c.Report.Legs[x.Leg], h.Ref, h.Side)
				all = append(all, h)
			}
		}
	}
	return all
}

// OpenWire shows what packets prove.
type OpenWire struct{}

// ExportWire makes files of what packets prove, and shows one of them to be written; of the
// first where Format is "".
type ExportWire struct{ Format string }

// StopWatch ends the watch, of which what was seen stays, or the reading of a capture.
type StopWatch struct{}

// ShowConnections asks for the connections of a server.
type ShowConnections struct{ Server netip.AddrPort }

// ShowPackets asks for the packets of a connection.
type ShowPackets struct{ Connection trace.Connection }

// AskPlace asks which server of the path the one at an address is.
type AskPlace struct{ Addr netip.AddrPort }

// PlaceAt says which server of the path the one at an address is.
type PlaceAt struct{ Place model.Place }

// AdoptSeen takes over what was seen of a server; without What it asks.
type AdoptSeen struct {
	Addr netip.AddrPort
	What string // one of what was offered
}

func (OpenWire) action()        {}
func (ExportWire) action()      {}
func (StopWatch) action()       {}
func (ShowConnections) action() {}
func (ShowPackets) action()     {}
func (AskPlace) action()        {}
func (PlaceAt) action()         {}
func (AdoptSeen) action()       {}
