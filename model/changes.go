package model

import (
	"cmp"
	"slices"
	"strings"
)

// A ChangeKind is what a [Change] is about.
type ChangeKind string

// The kinds of change.
const (
	ChangeExists  ChangeKind = "exists"      // a parameter came or went; the values are its defaults
	ChangeDefault ChangeKind = "default"     // the default differs
	ChangeSet     ChangeKind = "settable"    // it can be set, or no longer: yes, no
	ChangeReal    ChangeKind = "really_ends" // how much later than set the timer ends
	ChangeCaps    ChangeKind = "idle_limit"  // it counts as an idle limit of its own: yes, no
	ChangeFollows ChangeKind = "follows"     // the parameter whose setting sets it too
	ChangeSends   ChangeKind = "hint_sent"   // when a server advertises Keep-Alive: timeout=
	ChangeReads   ChangeKind = "hint_read"   // what a client makes of it
	ChangeOS      ChangeKind = "runs_on"     // the operating system under it
	ChangeStack   ChangeKind = "tcp_rules"   // by which rules TCP gives a peer up
)

// FaceKinds are all of them, in the order of a list.
var FaceKinds = []FaceKind{FaceServer, FaceClient, FaceHost}

// A Change is one thing that differs between two versions of a system.
type Change struct {
	Name     string  // of the parameter in its product, where Param has another word for it
	Param    ParamID // SYSTEM.hint for the Keep-Alive header, SYSTEM.os and SYSTEM.tcp for the host
	What     ChangeKind
	On       string // the distribution or operating system whose default it is, "" for any
	Was, Is  Value  // of ChangeExists and ChangeDefault; unset where there is none
	From, To string // of the others
	Source   string
}

// Human is the change in a few words: keepalive_requests 100 -> 1000.
func (c Change) Human(arrow string) string {
	name := cmp.Or(c.Name, c.Param.Short())
	if c.On != "" {
		name += " on " + c.On
	}
	switch c.What {
	case ChangeExists:
		switch {
		case c.From == "" && !c.Is.IsSet():
			return name + " is new"
		case c.From == "":
			return name + " is new, default " + c.Is.Human()
		case !c.Was.IsSet():
			return name + " is gone"
		}
		return name + " is gone, its default was " + c.Was.Human()
	case ChangeDefault:
		return name + " " + words(c.Was) + " " + arrow + " " + words(c.Is)
	case ChangeSet:
		if c.To == "yes" {
			return name + " can be set"
		}
		return name + " can no longer be set"
	case ChangeReal:
		return name + " really ends " + cmp.Or(c.From, "on time") + " " + arrow + " " + cmp.Or(c.To, "on time")
	case ChangeCaps:
		if c.To == "yes" {
			return name + " ends idle connections too"
		}
		return name + " no longer ends idle connections"
	case ChangeFollows:
		if c.To == "" {
			return name + ": no longer so that " + c.From
		}
		return name + ": " + c.To
	case ChangeSends, ChangeReads:
		return "now " + c.To
	case ChangeOS:
		return "runs on " + c.From + " " + arrow + " " + c.To
	case ChangeStack:
		return "TCP gives up by the rules " + c.From + " " + arrow + " " + c.To
	}
	return name
}

func words(v Value) string {
	if !v.IsSet() {
		return "not set"
	}
	return v.Human()
}

// Short is the id without the system: keepalive_timeout, or
// upstream.keepalive_timeout for the client face of a product with two.
func (id ParamID) Short() string {
	_, name, _ := strings.Cut(string(id), ".")
	return name
}

// Changes lists what is known to differ between two versions: parameters that
// came or went, defaults, lateness, the handling of hints, the system under it.
func (s *System) Changes(from, to Version) []Change {
	var out []Change
	add := func(c Change) {
		if c.From != c.To || c.Was != c.Is {
			out = append(out, c)
		}
	}
	add(Change{Param: ParamID(s.ID) + ".os", What: ChangeOS, From: s.HostAt(from).String(), To: s.HostAt(to).String()})
	was, _ := At(s.Order, s.Stack, from)
	is, _ := At(s.Order, s.Stack, to)
	add(Change{Param: ParamID(s.ID) + ".tcp", What: ChangeStack, From: string(was), To: string(is)})
	for _, side := range []FaceKind{FaceServer, FaceClient} {
		for _, c := range s.hintChanges(side, from, to) {
			add(c)
		}
	}
	for _, side := range FaceKinds {
		for _, p := range s.Params {
			if p.Face != side {
				continue
			}
			for _, c := range s.paramChanges(p, from, to) {
				c.Name = s.nameOf(p)
				add(c)
			}
		}
	}
	return out
}

// nameOf is what the product calls a parameter whose id has another word for it; ""
// where it calls one of another face the same.
func (s *System) nameOf(p *Param) string {
	same := func(o *Param) bool { return o != p && o.Name == p.Name }
	if strings.HasSuffix(string(p.ID), "."+p.Name) || slices.ContainsFunc(s.Params, same) {
		return ""
	}
	return p.Name
}

func (s *System) hintChanges(side FaceKind, from, to Version) []Change {
	f := s.Faces[side]
	if f == nil {
		return nil
	}
	id := ParamID(s.ID) + ".hint"
	if side == FaceClient && s.Faces[FaceServer] != nil {
		id = ParamID(s.ID) + ".upstream.hint"
	}
	was, _ := At(s.Order, f.Sends, from)
	is, _ := At(s.Order, f.Sends, to)
	read, _ := At(s.Order, f.Reads, from)
	reads, _ := At(s.Order, f.Reads, to)
	return []Change{
		{Param: id, What: ChangeSends, From: was.Human(), To: is.Human(), Source: is.Source},
		{Param: id, What: ChangeReads, From: read.Human(), To: reads.Human(), Source: reads.Source},
	}
}

func (s *System) paramChanges(p *Param, from, to Version) []Change {
	had, has := s.Has(p, from), s.Has(p, to)
	was, is := s.DefaultAt(p, from), s.DefaultAt(p, to)
	switch {
	case !had && !has:
		return nil
	case !had:
		return []Change{{Param: p.ID, What: ChangeExists, Is: is.Value, To: "yes", Source: is.Source}}
	case !has:
		return []Change{{Param: p.ID, What: ChangeExists, Was: was.Value, From: "yes", Source: was.Source}}
	}
	out := s.defaultChanges(p, from, to)
	late, hasLate := At(s.Order, p.Real, from)
	later, hasLater := At(s.Order, p.Real, to)
	real := Change{Param: p.ID, What: ChangeReal, Source: cmp.Or(later.Source, late.Source)}
	if hasLate {
		real.From = late.Human()
	}
	if hasLater {
		real.To = later.Human()
	}
	followed, _ := At(s.Order, p.Follows, from)
	follows, _ := At(s.Order, p.Follows, to)
	capped, _ := At(s.Order, p.Caps, from)
	caps, _ := At(s.Order, p.Caps, to)
	return append(
		out, real,
		Change{Param: p.ID, What: ChangeSet, From: yes(s.Settable(p, from)), To: yes(s.Settable(p, to)), Source: is.Source},
		Change{Param: p.ID, What: ChangeFollows, From: followed.Human(), To: follows.Human(), Source: is.Source},
		Change{Param: p.ID, What: ChangeCaps, From: yes(capped), To: yes(caps), Source: is.Source},
	)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// defaultChanges compares the makers' default, and those for one distribution
// or operating system each.
func (s *System) defaultChanges(p *Param, from, to Version) []Change {
	before, _ := At(s.Order, p.Defaults, from)
	after, _ := At(s.Order, p.Defaults, to)
	var out []Change
	for _, d := range slices.Concat(before, after) {
		on := d.On()
		if slices.ContainsFunc(out, func(c Change) bool { return c.On == on }) {
			continue
		}
		was, is := defaultOf(before, on), defaultOf(after, on)
		out = append(out, Change{Param: p.ID, What: ChangeDefault, On: on, Was: was.Value, Is: is.Value, Source: cmp.Or(is.Source, was.Source)})
	}
	return out
}

// defaultOf is the default for a distribution or operating system, or else the
// makers'.
func defaultOf(defaults []Default, on string) Default {
	var found Default
	for _, d := range defaults {
		switch d.On() {
		case on:
			return d
		case "":
			found = d
		}
	}
	return found
}

// On is where a default holds that does not hold everywhere: debian, windows,
// windows before 10; "" for the makers' own.
func (d Default) On() string {
	on := cmp.Or(d.Distribution, string(d.OS))
	if d.OSBefore != "" {
		on += " before " + string(d.OSBefore)
	}
	return on
}
