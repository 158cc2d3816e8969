package model

import (
	"strconv"
	"time"
)

// An OriginKind says how a value came to be known.
type OriginKind uint8

// The origins, from the catalog to the person at the keyboard. A running, a
// configured and a measured value are never taken for each other.
const (
	FromDefault  OriginKind = iota // the product's default at this version
	FromAssumed                    // a default or quantity that may be wrong here; with Where, for a line that was not understood
	FromFile                       // a configuration file
	FromRunning                    // read from the running system
	FromMeasured                   // seen on the wire by a live test
	FromTyped                      // entered by the user
)

var originNames = [...]string{"default", "assumed", "file", "running", "measured", "typed"}

// String is the word of the JSON contract.
func (k OriginKind) String() string { return originNames[k] }

// ParseOrigin reads a word of [OriginKind.String].
func ParseOrigin(word string) (OriginKind, bool) {
	for i, name := range originNames {
		if name == word {
			return OriginKind(i), true
		}
	}
	return 0, false
}

// Seen reports whether a value was seen in force, not only said.
func (k OriginKind) Seen() bool { return k == FromRunning || k == FromMeasured }

// An Origin is where a value comes from.
type Origin struct {
	Kind  OriginKind
	Where string    // file, URL or command; empty for typed values
	Line  int       // 1-based, 0 when there is none
	At    time.Time // when it was measured or read
}

// String is the origin in a few words: default, typed, nginx.conf:14.
func (o Origin) String() string {
	switch {
	case o.Kind == FromFile && o.Line > 0:
		return o.Where + ":" + strconv.Itoa(o.Line)
	case o.Kind == FromFile && o.Where != "":
		return o.Where
	case o.Kind == FromAssumed && o.Where != "":
		return "assumed; " + o.Where + ":" + strconv.Itoa(o.Line) + " was not read"
	default:
		return o.Kind.String()
	}
}

// A Setting is a value that somebody gave to a parameter, and who. A measured
// setting carries the earliest and latest close that were seen, which take the
// place of the catalog's spread.
type Setting struct {
	Value     Value
	Low, High time.Duration // only for FromMeasured
	Origin    Origin
	Said      Said // where a configuration says otherwise
}

// A Said is what a line of a configuration says that is not in force: something else was
// measured, or the program does not look there. The zero Said is none.
type Said struct {
	Value  Value
	Where  string // the file
	Line   int    // 1-based, 0 when there is none
	Unread string // the place in which the program does not look; empty where it does
}

// String is where it is said: nginx.conf:14.
func (s Said) String() string { return Origin{Kind: FromFile, Where: s.Where, Line: s.Line}.String() }

// Typed is a setting entered by the user.
func Typed(v Value) Setting { return Setting{Value: v, Origin: Origin{Kind: FromTyped}} }
