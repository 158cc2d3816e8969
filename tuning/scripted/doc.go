// Package scripted is an in-process HTTP/1 server that behaves as told: the built-in target
// of the live test, and its opponent in tests, over a listener or over net.Pipe in virtual
// time. It promises nothing a real server would have to.
package scripted
