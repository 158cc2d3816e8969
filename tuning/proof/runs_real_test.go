//go:build real

package proof_test

import (
	"os"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// noting keeps lines of runs whole: products run side by side.
var noting sync.Mutex

// note keeps a run that agrees with the catalog. The times are those of the packets.
func (s *serving) note(t *testing.T, sets []string) {
	t.Helper()
	if s.product.variant != "" || !s.silences() {
		return
	}
	r := kept{s.product.system, model.Version(s.product.version(t)), os.Getenv("KEEPTUNE_PROVE_FROM"), time.Now().UTC().Format(time.DateOnly), sets, nil, nil, s.waited}
	idle, before := s.ended()
	if s.watches(model.AspectIdle) {
		r.Idle = ends(idle)
	}
	if s.watches(model.AspectBeforeRequest) {
		r.Before = ends(before)
	}
	r.write(t)
}

// write appends a run to the file KEEPTUNE_PROVE, where there is one; KEEPTUNE_PROVE_FROM says
// where the program came from.
func (r *kept) write(t testing.TB) {
	t.Helper()
	name := os.Getenv("KEEPTUNE_PROVE")
	if name == "" {
		return
	}
	noting.Lock()
	defer noting.Unlock()
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteString(r.row() + "\n")
	if err2 := file.Close(); err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
}

// ends is from the first to the last end, nil without any.
func ends(all []realserver.Conn) *span {
	if len(all) == 0 {
		return nil
	}
	s := &span{model.Never, 0}
	for _, k := range all {
		s.low, s.high = min(s.low, k.Idle()), max(s.high, k.Idle())
	}
	return s
}
