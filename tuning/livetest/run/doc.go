// Package run is the live test: a keep-alive client on raw connections that finds out
// when and how the far end closes them. Run measures and emits events; livetest.Summarize
// makes a result of them.
//
// Time zero of a sample is the arrival of the last byte of the previous response, taken
// from the kernel's receive time stamp where it offers one, because a busy machine reads
// late and would measure short. The end is the return of a read that was pending all the
// time, corrected by TCP_INFO when the machine woke up late. No retry, no connection pool,
// no TCP keep-alive: each would hide or change what is measured.
package run
