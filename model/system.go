package model

import (
	"fmt"
	"strings"
	"time"
)

// A SystemID is the short, lower-case name of a product or operating system.
type SystemID string

// A FaceKind is one of the two faces of a product, or the operating system under it.
type FaceKind string

// The kinds of face. A server answers requests, a client sends them.
const (
	FaceServer FaceKind = "server"
	FaceClient FaceKind = "client"
	FaceHost   FaceKind = "host"
)

// A Stack names the rules by which an operating system's TCP gives a peer up.
type Stack string

// The TCP implementations whose rules are known.
const (
	StackLinux     Stack = "linux"
	StackWindowsNT Stack = "windows-nt" // up to XP and Server 2003
	StackWindows   Stack = "windows"    // from Vista on
	StackWindows9x Stack = "windows-9x"
	StackDarwin    Stack = "darwin"
	StackBSD       Stack = "bsd"
	StackIllumos   Stack = "illumos"
)

// ProtocolHTTP is what a system speaks whose file does not say, gRPC included.
const ProtocolHTTP = "http"

// A System is a product or an operating system.
type System struct {
	ID       SystemID
	Name     string
	Kind     string // server, proxy, app-server, client, browser, library, os, middlebox
	Text     string
	Aliases  []string
	Origin   string // the file it was read from; "" for an embedded one
	Order    Order
	Assume   Version // taken when no version is given
	Managed  bool    // run by a provider: its own settings can be changed, its host cannot
	Protocol string  // what its faces speak; [ProtocolHTTP] unless the file says otherwise
	Known    []Version
	OS       OSRef // where it runs unless told otherwise
	OSAt     []Since[OSRef]
	Stack    []Since[Stack] // operating systems only
	Formats  []string       // export formats, the usual first
	Moved    map[Version]SystemID
	Faces    map[FaceKind]*Face
	Tracking *Tracking // middleboxes only
	Params   []*Param
	Surprise []string
	Proved   []Proof // what was run, at most once for each side
}

// An OSRef is an operating system at a version.
type OSRef struct {
	System  SystemID
	Version Version
}

// A Face is what a product is towards its clients, or towards its servers.
type Face struct {
	Kind      FaceKind
	Close     CloseKind // how an idle connection ends
	Announces bool      // the reply before a close by count or switch says Connection: close
	Sends     []Since[HintSending]
	Pool      bool           // a client takes a connection up again by itself, for whoever asks next; every HTTP client does
	Passes    bool           // a proxy hands the Keep-Alive header of its own server on to its client
	Watches   []Since[Watch] // a server ends the connection of a client that leaves out its signs of life
	Reads     []Since[HintReading]
	Asks      Answer // requests carry Connection: keep-alive
	Retries   string // what a client repeats on a stale connection, in words
	Repeats   []Since[Repeats]
	RepeatsIf []RepeatsIf // the first that holds goes before Repeats
	Source    string
}

// A RepeatsIf is what a client repeats where settings have values.
type RepeatsIf struct {
	Since   Version
	When    map[ParamID]Value
	Repeats Repeats
}

// Repeats is what a client sends again by itself where a connection that it used again
// turns out to be closed and gave no byte of an answer.
type Repeats struct {
	What   string // all, idempotent, none, unknown: which requests
	Loses  string // the requests that it does not repeat, to be read; only beside idempotent
	Gentle bool   // it repeats none where the connection was reset rather than closed
	Source string
}

// What a client repeats: every request, only those that can be repeated without harm, none.
const (
	RepeatsAll        = "all"
	RepeatsIdempotent = "idempotent"
	RepeatsNone       = "none"
	RepeatsUnknown    = "unknown"
)

// RepeatsAt is what the face repeats at version v; unknown where the file does not say.
func (s *System) RepeatsAt(f *Face, v Version) Repeats {
	r, ok := At(s.Order, f.Repeats, v)
	if !ok {
		return Repeats{What: RepeatsUnknown}
	}
	return r
}

// RepeatsWith is RepeatsAt with the values of settings in force.
func (s *System) RepeatsWith(f *Face, v Version, value func(ParamID) Value) Repeats {
	for _, r := range f.RepeatsIf {
		holds := s.Order.Compare(r.Since, v) <= 0
		for id, want := range r.When {
			holds = holds && value(id) == want
		}
		if holds {
			return r.Repeats
		}
	}
	return s.RepeatsAt(f, v)
}

// A Watch is how long a server waits for what a client sends by itself, counted
// from the last that came: so many of the client's intervals, and how much later
// the server may look.
type Watch struct {
	Times     float64
	Low, High time.Duration
	Source    string
}

// HintSending is when a server advertises Keep-Alive: timeout=.
type HintSending struct {
	When   HintMoment
	Value  string        // idle: the idle limit; hint: the parameter of role hint
	Floor  time.Duration // the value is rounded down to a multiple
	Max    bool          // max= is sent too
	Source string
}

// HintReading is what a client does with an advertised timeout.
type HintReading struct {
	How     HintUse
	Minus   time.Duration // subtracted before use
	MinusID ParamID       // the parameter that says how much instead, at versions that have it
	CapID   ParamID       // the parameter that says how long instead
	NeedsKA bool          // only beside Connection: keep-alive
	First   bool          // only as the first token of the header
	Cap     time.Duration // the longest that a hint may set, 0 without limit
	NeedsID ParamID       // only while this parameter has a finite value
	Source  string
}

// Param is the parameter with this id or, failing that, with its product's own
// name or an alias in the place of the last part (haproxy.http-keep-alive),
// letter case ignored, or nil.
func (s *System) Param(id ParamID) *Param {
	for _, p := range s.Params {
		if strings.EqualFold(string(p.ID), string(id)) {
			return p
		}
	}
	for _, p := range s.Params {
		if p.calledInFull(string(id)) {
			return p
		}
	}
	return nil
}

// ByRole lists the parameters of a side that have a role, in catalog order,
// that exist at version v.
func (s *System) ByRole(side FaceKind, role Role, v Version) []*Param {
	var found []*Param
	for _, p := range s.Params {
		if p.Face == side && p.Role == role && s.Has(p, v) {
			found = append(found, p)
		}
	}
	return found
}

// Has reports whether the parameter exists at version v.
func (s *System) Has(p *Param, v Version) bool {
	for _, g := range p.Gaps {
		if s.Order.Compare(g.Since, v) <= 0 && s.Order.Compare(v, g.Before) < 0 {
			return false
		}
	}
	return (p.Since == "" || s.Order.Compare(p.Since, v) <= 0) &&
		(p.Before == "" || s.Order.Compare(v, p.Before) < 0)
}

// Settable reports whether version v has the parameter and lets it be set.
func (s *System) Settable(p *Param, v Version) bool {
	return !p.Fixed && s.Has(p, v) && (p.SetSince == "" || s.Order.Compare(p.SetSince, v) <= 0)
}

// DefaultAt is the parameter's default at version v as shipped by its makers,
// and unset when it has none.
func (s *System) DefaultAt(p *Param, v Version) Default {
	defaults, _ := At(s.Order, p.Defaults, v)
	for _, d := range defaults {
		if d.Distribution == "" && d.OS == "" {
			return d
		}
	}
	return Default{}
}

// DefaultOn is the default at version v on a host at version hv: the one for
// that operating system where there is one, otherwise the same as DefaultAt.
func (s *System) DefaultOn(p *Param, v Version, host *System, hv Version) Default {
	defaults, _ := At(s.Order, p.Defaults, v)
	for _, d := range defaults {
		if d.Distribution == "" && d.OS != "" && host != nil && d.OS == host.ID &&
			(d.OSBefore == "" || host.Order.Compare(hv, d.OSBefore) < 0) {
			return d
		}
	}
	return s.DefaultAt(p, v)
}

// Varies reports whether the default differs between versions, so that it is
// only assumed while the version is not given.
func (s *System) Varies(p *Param) bool {
	for _, d := range p.Defaults {
		if s.DefaultAt(p, d.Since).Value != s.DefaultAt(p, s.Assume).Value && s.Has(p, d.Since) {
			return true
		}
	}
	return false
}

// Around are the known versions before and behind one that is not known, empty
// where there is none on that side. It is false for a version that is known, as
// each is that an order lists.
func (s *System) Around(v Version) (older, newer Version, between bool) {
	if v == "" || len(s.Order) > 0 || len(s.Known) == 0 {
		return "", "", false
	}
	for _, k := range s.Known {
		switch d := s.Order.Compare(k, v); {
		case d == 0:
			return "", "", false
		case d < 0 && (older == "" || s.Order.Compare(k, older) > 0):
			older = k
		case d > 0 && (newer == "" || s.Order.Compare(k, newer) < 0):
			newer = k
		}
	}
	return older, newer, true
}

// NotKnown says in a sentence without a full stop where a version lies that is
// not known, and is empty for one that is.
func (s *System) NotKnown(v Version) string {
	older, newer, between := s.Around(v)
	name := Clean(string(s.ID)+" "+string(v), 60)
	switch {
	case !between:
		return ""
	case newer == "":
		return fmt.Sprintf("%s is newer than the newest that is known, %s; what it does is assumed", name, older)
	case older == "":
		return fmt.Sprintf("%s is older than the oldest that is known, %s; what it does is assumed", name, newer)
	}
	return fmt.Sprintf("%s is not known; it lies between %s and %s, and what it does is assumed", name, older, newer)
}

// AssumedAt reports whether the default is only assumed at a version that is not
// known: the known ones around it have different ones, or it is beyond them all.
func (s *System) AssumedAt(p *Param, v Version) bool {
	older, newer, between := s.Around(v)
	switch {
	case !between:
		return false
	case older == "" || newer == "":
		return s.Varies(p)
	}
	return s.Has(p, older) != s.Has(p, newer) || s.DefaultAt(p, older).Value != s.DefaultAt(p, newer).Value
}

// Middlebox reports whether the system only forwards packets.
func (s *System) Middlebox() bool { return s.Kind == "middlebox" }

// HostAt is the operating system under version v of this product.
func (s *System) HostAt(v Version) OSRef {
	if os, ok := At(s.Order, s.OSAt, v); ok {
		return os
	}
	return s.OS
}
