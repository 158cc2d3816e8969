//go:build real && linux

package cli_test

import (
	"testing"

	"example.com/keeptune/ui/internal/screen"
)

// A watch fills its screen, goes on behind the others, and stops when it is told to. The
// number of packets is the kernel's: a SYN and its reset for each connection that is refused.
func TestRealWatchOnTheScreen(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	refused := func() { p.does("bash", "-c", "! (exec 3<>/dev/tcp/127.0.0.1/9) 2>/dev/null") } // nobody listens
	s := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"--path", "nginx > node"}})
	s.WaitFor("LIMIT")
	s.Type(":watch --netns "+p.pid+" --on lo --port 9", "enter")
	s.WaitFor("0 connections, 0 packets", "no packet of TCP has passed yet") // it has begun
	refused()
	refused()
	s.WaitFor("2 connections, 4 packets", "127.0.0.1:9")
	s.Type("q")
	s.WaitFor("LIMIT")
	refused()
	s.Type("P")
	s.WaitFor("WATCH", "3 connections, 6 packets")
	s.Type("s")
	s.WaitFor("3 connections, 3 refused")
	s.WaitGone("WATCH")
}

// In lines a watch goes on beside everything else, and ends when it is told to.
func TestRealWatchInLines(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"--config", "none", "--path", "nginx > node"}, W: 80, H: 400, Env: []string{"TERM=dumb"}})
	s.WaitFor("\n>")
	s.Type("watch --netns "+p.pid+" --on lo --port 9", "enter")
	s.WaitFor("watching; watch says what was seen, stop ends it")
	s.Type("list keepAliveTimeout", "enter")
	s.WaitFor("server node keepAliveTimeout is 5 s, default")
	s.Type("stop", "enter")
	s.WaitFor("the watch ended; export wire-text tells what was seen")
	s.Type("export wire-text", "enter")
	s.WaitFor("file keeptune-wire.txt:", "end of keeptune-wire.txt")
}
