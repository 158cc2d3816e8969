// Package explain says what a length of time or a line of a log means.
//
// A [Sign] is a time that somebody can see: an idle timeout as it really ends, a
// greatest age, the wait for a first byte or an answer, the moment at which a
// kernel gives a dead peer up. The [Table] has those of every system and
// operating system of the catalog over their versions, computed from the defaults
// and the arithmetic of package detect; a path adds what is set on it. An
// [Observation] is a time as people write it ("hangs for 7875 s"), and
// [Table.Explain] ranks the signs that give it.
//
// A [Shape] is a line as programs write it when a connection ends, with what it
// means, who closed, and where to look.
package explain
