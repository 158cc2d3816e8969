// Package detect is the arithmetic of dead-peer detection: how long a kernel
// takes to give up a peer that fell silent, for each state of a socket.
//
// For Linux it follows net/ipv4/tcp_timer.c and the timer wheel of
// kernel/time/timer.c, and returns beside the rule's ideal value the earliest
// and latest that a real kernel can take. For other systems it follows their
// documentation and says so. Everything here is a pure function of a [Socket].
package detect
