package model

import (
	"slices"
	"strconv"
)

// A Document is everything about a session that is saved.
type Document struct {
	Name   string // shown in the title; the file's base name
	Path   Path
	Target string // what the live test connects to: URL or host:port; empty for the built-in server
	Notes  string
	Goals  Goals // what its path is to do

	Suppressed []Suppression // findings that are accepted, each fault at most once
	Places     []Place       // of servers in captures, as a person said them; the latest last
}

// Equal reports whether two documents say the same.
func (d Document) Equal(o Document) bool {
	return d.Name == o.Name && d.Target == o.Target && d.Notes == o.Notes && d.Path.Equal(o.Path) && d.Goals.Equal(o.Goals) &&
		slices.EqualFunc(d.Suppressed, o.Suppressed, Suppression.Equal) && slices.Equal(d.Places, o.Places)
}

// An Edit is one change of a document.
//
//sumtype:decl
type Edit interface {
	// Key groups edits for undo: successive edits with the same key are one step.
	Key() string
	edit()
}

// Set gives a parameter of an endpoint a value, or takes it away with an unset one.
type Set struct {
	Endpoint EndpointID
	Param    ParamID
	Setting  Setting
}

// SetQuantity gives a quantity of a leg a value, or takes it away with an unset one.
type SetQuantity struct {
	Leg      int
	Quantity Quantity
	Setting  Setting
}

// Choose puts another system in the place of an endpoint. Settings of the same
// system are kept, others are dropped.
type Choose struct {
	Index    int
	Endpoint Endpoint
}

// Insert puts an endpoint before the one at Index.
type Insert struct {
	Index    int
	Endpoint Endpoint
}

// Remove takes an endpoint out. The two ends of a path cannot be removed.
type Remove struct{ Index int }

// Move swaps an endpoint with the one after it.
type Move struct{ Index int }

// SetTarget changes what the live test connects to.
type SetTarget struct{ Target string }

// SetGoals changes what the path is to do.
type SetGoals struct{ Goals Goals }

// Replace puts another document in the place of this one (an import).
type Replace struct{ Document Document }

func (Set) edit()         {}
func (SetQuantity) edit() {}
func (Choose) edit()      {}
func (Insert) edit()      {}
func (Remove) edit()      {}
func (Move) edit()        {}
func (SetTarget) edit()   {}
func (SetGoals) edit()    {}
func (Replace) edit()     {}

// Key is the endpoint's and the parameter's.
func (e Set) Key() string { return "set " + string(e.Endpoint) + " " + string(e.Param) }

// Key is the leg's and the quantity's.
func (e SetQuantity) Key() string { return "leg " + strconv.Itoa(e.Leg) + " " + string(e.Quantity) }

// Key is empty: choosing is a step of its own.
func (Choose) Key() string { return "" }

// Key is empty: inserting is a step of its own.
func (Insert) Key() string { return "" }

// Key is empty: removing is a step of its own.
func (Remove) Key() string { return "" }

// Key is empty: moving is a step of its own.
func (Move) Key() string { return "" }

// Key groups successive changes of the target.
func (SetTarget) Key() string { return "target" }

// Key groups successive changes of the goals.
func (SetGoals) Key() string { return "goals" }

// Key is empty: replacing is a step of its own.
func (Replace) Key() string { return "" }
