package model

import (
	"slices"
	"strconv"
	"strings"
)

// A Version is a product's version as its makers write it: 1.29.7, 20.20.2,
// xp, nt3.51. The empty version is not known.
type Version string

// An Order is the list of version names of a product whose versions do not
// sort as numbers, oldest first (Windows: nt3.51, 2000, xp, vista). A nil
// Order compares dotted numbers.
type Order []string

// Compare is negative when a is older than b. In a named order, a name that is
// not in the list counts as the newest. Missing parts count as 0: 1.30 is 1.30.0.
func (o Order) Compare(a, b Version) int {
	if len(o) > 0 {
		return o.index(a) - o.index(b)
	}
	for a != b {
		x, restA, _ := strings.Cut(string(a), ".")
		y, restB, _ := strings.Cut(string(b), ".")
		if d := part(x) - part(y); d != 0 {
			return d
		}
		a, b = Version(restA), Version(restB)
	}
	return 0
}

// Valid reports whether v is a version that this order can place.
func (o Order) Valid(v Version) bool {
	if len(o) > 0 {
		return o.place(v) >= 0
	}
	for p := range strings.SplitSeq(string(v), ".") {
		if p == "" || p[0] < '0' || p[0] > '9' || len(p) > 9 {
			return false
		}
	}
	return true
}

func (o Order) index(v Version) int {
	if i := o.place(v); i >= 0 {
		return i
	}
	if v == "0" {
		return -1
	}
	return len(o)
}

// place finds v in the list, 10.0 and 10 being the same, or is -1.
func (o Order) place(v Version) int {
	short := strings.TrimSuffix(string(v), ".0")
	return slices.IndexFunc(o, func(name string) bool {
		return name == string(v) || strings.TrimSuffix(name, ".0") == short
	})
}

// part is the number at the front of a part: 22 of "22-rc1".
func part(text string) int {
	digits := 0
	for digits < min(len(text), 9) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	n, err := strconv.Atoi(text[:digits])
	if err != nil {
		return 0
	}
	return n
}

// A Since is a fact that holds from a version on, until a later one.
type Since[T any] struct {
	Since Version
	Fact  T
}

// At is the fact that holds at version v: the one with the newest Since that
// is not after v. It is false when every Since is after v.
func At[T any](o Order, facts []Since[T], v Version) (fact T, ok bool) {
	var since Version
	for _, f := range facts {
		if o.Compare(f.Since, v) <= 0 && (!ok || o.Compare(f.Since, since) >= 0) {
			fact, since, ok = f.Fact, f.Since, true
		}
	}
	return fact, ok
}
