// Package tuning judges a document: the effective idle limit of each leg and
// who causes it, who closes first and with what margin, and how long each side
// takes to notice that its peer is gone. It is pure: no clock, no I/O.
//
// The words mean this. A limiter is anything that can end an idle connection:
// every idle setting of the client, the server's as it really closes, a hint as
// the client reads it, a middlebox that nothing refreshes. Each is an interval.
// The limit is the smallest low of all. The margin is the lowest low on the
// far side minus the latest moment at which the client still reuses; a request
// that meets a close on its way is lost, so the side that reuses must close
// first, by more than the race window W.
package tuning
