package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A Proof says that one version of a product was run, and which of the
// catalog's statements about it were measured. What has no proof is known from
// documents and source code only.
type Proof struct {
	Face    FaceKind
	Version Version
	Package string   // what was installed: "Debian 12", "npm"
	What    []Aspect // in the order of [Aspects]
	Seen    string   // the day, YYYY-MM-DD
	// Also are further versions that were run since, older first: when a silent connection
	// ends agreed with the catalog at each.
	Also []Version
}

// Place says where a version stands among several that were run; "" where only one was.
func (p *Proof) Place(o Order, v Version) string {
	if p == nil || len(p.Also) == 0 {
		return ""
	}
	all := append(slices.Clone(p.Also), p.Version)
	slices.SortFunc(all, o.Compare)
	at, run := slices.BinarySearchFunc(all, v, o.Compare)
	switch {
	case run:
		return fmt.Sprintf("%s was run", v)
	case at == 0:
		return fmt.Sprintf("%s is older than all that were run; %s is the oldest", v, all[0])
	case at == len(all):
		return fmt.Sprintf("%s is later than all that were run; %s is the newest", v, all[at-1])
	}
	return fmt.Sprintf("%s is between two that were run, %s and %s", v, all[at-1], all[at])
}

// An Aspect is one thing that a run of the real product settles.
type Aspect string

// The aspects.
const (
	AspectIdle          Aspect = "idle"           // when an idle connection ends, and how
	AspectBeforeRequest Aspect = "before-request" // when a connection that never sent anything ends
	AspectRequests      Aspect = "requests"       // how many requests a connection serves
	AspectHint          Aspect = "hint"           // the Keep-Alive header sent, or what a client makes of it
	AspectProbes        Aspect = "probes"         // SO_KEEPALIVE and its times on the product's sockets
	AspectRetry         Aspect = "retry"          // what a client repeats on a stale connection
	AspectAlive         Aspect = "alive"          // pings and other signs of life of the product's own
	AspectExport        Aspect = "export"         // a value written by the exporter was accepted and measured
)

// Aspects are all of them, in the order of a list.
var Aspects = []Aspect{
	AspectIdle, AspectBeforeRequest, AspectRequests, AspectHint, AspectProbes, AspectRetry, AspectAlive, AspectExport,
}

// ProofOf is the proof for a side, or nil where it is known from documents only.
func (s *System) ProofOf(side FaceKind) *Proof {
	for i := range s.Proved {
		if s.Proved[i].Face == side {
			return &s.Proved[i]
		}
	}
	return nil
}

type rawProof struct {
	Face, Version, Package, Seen string
	What, Also                   []string
}

var dayPattern = regexp.MustCompile(`^20\d\d-\d\d-\d\d$`)

func (d decoder) proofs(s *System, raw []rawProof) error {
	for i, r := range raw {
		p := Proof{Face: FaceKind(r.Face), Version: Version(r.Version), Package: r.Package, Seen: r.Seen}
		for _, a := range Aspects {
			if slices.Contains(r.What, string(a)) {
				p.What = append(p.What, a)
			}
		}
		for _, v := range r.Also {
			p.Also = append(p.Also, Version(v))
		}
		var err error
		key := "proved"
		switch {
		case p.Face != FaceHost && s.Faces[p.Face] == nil || s.ProofOf(p.Face) != nil:
			key, err = "face", fmt.Errorf("face is %q; it must be a face of this system, each once", r.Face)
		case !s.Order.Valid(p.Version):
			key, err = "version", fmt.Errorf("version %q does not sort", r.Version)
		case len(p.What) == 0 || len(p.What) != len(r.What):
			key, err = "what", fmt.Errorf("what must list some of %s, each once", aspectNames())
		case !s.Order.ascends(p.Also) || slices.Contains(p.Also, p.Version):
			key, err = "also", fmt.Errorf("also must list other versions, older first")
		case p.Package == "":
			key, err = "package", fmt.Errorf("package must say what was installed, such as \"Debian 12\"")
		case !dayPattern.MatchString(r.Seen):
			key, err = "seen", fmt.Errorf("seen is %q; it must be a day such as 2026-11-20", r.Seen)
		}
		if err != nil {
			return d.fail("proved", i, key, err)
		}
		s.Proved = append(s.Proved, p)
	}
	return nil
}

// ascends reports whether versions sort, each above the one before it.
func (o Order) ascends(all []Version) bool {
	for i, v := range all {
		if !o.Valid(v) || i > 0 && o.Compare(all[i-1], v) >= 0 {
			return false
		}
	}
	return true
}

func aspectNames() string {
	names := make([]string, len(Aspects))
	for i, a := range Aspects {
		names[i] = string(a)
	}
	return strings.Join(names, ", ")
}
