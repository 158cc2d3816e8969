// Package screen runs a program on a pseudo-terminal and looks at what a
// person would see. It is for tests and for the picture in the README; nothing
// of the product imports it.
//
//	s := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"demo"}, W: 80, H: 24})
//	s.WaitFor("LIMIT")
//	s.Mark()
//	s.Type("+", "+", "enter")     // keys by Bubble Tea's names, other text as it is
//	s.WaitFor("65 s")
//	s.Settle(100 * time.Millisecond)
//	if n := s.SinceMark(); n > 1500 { t.Errorf("an edit sends %d bytes", n) }
//	s.Type("q")
//	if code := s.Exit(); code != 0 { t.Errorf("exit status %d", code) }
//
// Every wait is bounded by Options.Timeout and ends the test with the screen
// as it stood. The terminal never answers a query unless Options.Answer is
// set, so that a program that asks one is seen to wait.
package screen
