//go:build !windows

package cli_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"example.com/keeptune/ui/internal/screen"
)

// The picture of the README is what the program draws.
func TestPicture(t *testing.T) {
	const file = "testdata/first-screen.svg"
	s := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"--client", "ie@11", "--server", "apache@2.4.62"}})
	s.WaitFor("LIMIT 5 s")
	s.Settle(300 * time.Millisecond)
	want := s.SVG()
	if *update {
		if err := os.WriteFile(file, want, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale; make docs draws it again. The screen now is\n%s", file, s.Text())
	}
}
