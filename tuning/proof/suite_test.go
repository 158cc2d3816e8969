package proof_test

import (
	"slices"
	"testing"

	"example.com/keeptune/model"
)

// A proof is one face of a product that the suite runs, and what it settles.
type proof struct {
	System  model.SystemID
	Side    model.FaceKind
	Package string // what is installed for it: "Debian 12", "npm", "Go toolchain", "keeptune"
	What    []model.Aspect
}

// Where the products come from.
const (
	debian    = "Debian 12"
	npm       = "npm"
	toolchain = "Go toolchain"
	modules   = "Go module"
	own       = "keeptune"
)

// proofs is the whole suite. Each of the lists stands beside the tests that run it.
func proofs() []proof {
	return slices.Concat(servers(), apps(), runtimes(), released(), spoken(), clients(), upstreams(), daemons())
}

// packaged are the systems that Debian 12, npm or the Go toolchain provide, by the face
// that must be proved.
func packaged(side model.FaceKind) []model.SystemID {
	if side == model.FaceServer {
		return slices.Concat(packagedServers, packagedApps, packagedDaemons)
	}
	return slices.Concat(packagedClients, packagedServers, packagedDaemons)
}

// key names a face.
func key(id model.SystemID, side model.FaceKind) string { return string(id) + " " + string(side) }

// TestProvedRowsAreRun holds the catalog's [[proved]] rows against the suite, both ways.
func TestProvedRowsAreRun(t *testing.T) {
	all, err := model.Embedded().All()
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]model.Proof{}
	for _, s := range all {
		for _, p := range s.Proved {
			rows[key(s.ID, p.Face)] = p
		}
	}
	for _, p := range proofs() {
		row, ok := rows[key(p.System, p.Side)]
		delete(rows, key(p.System, p.Side))
		switch {
		case !ok:
			t.Errorf("%s, %s: the suite runs it, but the catalog has no [[proved]] row for it (or the suite has it twice)", p.System, p.Side)
		case row.Package != p.Package:
			t.Errorf("%s, %s: package is %q in the catalog and %q in the suite", p.System, p.Side, row.Package, p.Package)
		case !slices.Equal(row.What, inOrder(p.What)):
			t.Errorf("%s, %s: what is %v in the catalog and %v in the suite", p.System, p.Side, row.What, p.What)
		}
	}
	for name := range rows {
		t.Errorf("%s: the catalog says it is proved, but the suite does not run it", name)
	}
}

// inOrder sorts aspects as the catalog lists them.
func inOrder(what []model.Aspect) []model.Aspect {
	var out []model.Aspect
	for _, a := range model.Aspects {
		if slices.Contains(what, a) {
			out = append(out, a)
		}
	}
	return out
}

// TestDocumentedOnly lists the faces that nobody ran; none may be of a product that
// could be installed.
func TestDocumentedOnly(t *testing.T) {
	all, err := model.Embedded().All()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		for _, side := range []model.FaceKind{model.FaceServer, model.FaceClient} {
			if s.Faces[side] == nil || s.ProofOf(side) != nil {
				continue
			}
			t.Logf("%s, %s: documented only", s.ID, side)
			if slices.Contains(packaged(side), s.ID) {
				t.Errorf("%s, %s: the product can be installed, but the suite does not run it", s.ID, side)
			}
		}
	}
}
