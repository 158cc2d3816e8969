package lab

import (
	"fmt"
	"time"
)

// A Policy is what a firewall with connection tracking does to packets.
type Policy string

// The policies.
const (
	DropInvalid Policy = "invalid" // ct state invalid is refused, all else passes
	Strict      Policy = "strict"  // only a SYN makes a new entry, all else is refused
)

// A Box is a router that tracks connections and forgets idle ones.
type Box struct {
	Timeout    time.Duration // nf_conntrack_tcp_timeout_established
	Policy     Policy
	Loose      bool // nf_conntrack_tcp_loose: what is seen in mid-stream becomes a new entry
	Reset      bool // what is refused is answered with a RST, not dropped in silence
	FromServer bool // the server sends first after the idle time, not the client
}

// String names the box in the notation of nft and sysctl.
func (b Box) String() string {
	text := fmt.Sprintf("ct=%s %s loose=0", brief(b.Timeout), b.Policy)
	if b.Loose {
		text = text[:len(text)-1] + "1"
	}
	if b.Reset {
		text += " reset"
	}
	if b.FromServer {
		text += " server sends"
	}
	return text
}

// forgives says whether a packet without an entry passes all the same.
func (b Box) forgives() bool { return b.Loose && b.Policy == DropInvalid }
