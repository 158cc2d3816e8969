// Package livetest is what a live test is asked, what it saw and what follows from it: the
// [Spec] of a run and its target, the [Event]s that the run emits, and the [Result]
// that [Summarize] makes of them. It is pure; the run itself is the package below, run.
package livetest
