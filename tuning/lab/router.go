package lab

import (
	"fmt"
	"time"
)

// A Policy is what a firewall with connection tracking does to packets.
type Policy string

// The policies. The last three are for a [LadderScenario] only.
const (
	DropInvalid Policy = "invalid"  // ct state invalid is refused, all else passes
	Strict      Policy = "strict"   // only a SYN makes a new entry, all else is refused
	FromInside  Policy = "inside"   // what the client's side sends makes a new entry, also in mid-stream
	Outward     Policy = "outward"  // only a client's SYN makes an entry, only what the client's side sends refreshes it
	Lifetime    Policy = "lifetime" // as before, and nothing refreshes it
)

// A Router is one that tracks connections and forgets idle ones.
type Router struct {
	Timeout    time.Duration // nf_conntrack_tcp_timeout_established, or the timeout of an nft set
	Policy     Policy
	Loose      bool // nf_conntrack_tcp_loose: what is seen in mid-stream becomes a new entry
	Reset      bool // what is refused is answered with a RST, not dropped in silence
	ResetBoth  bool // at the end of its time both ends get a RST; for a [LadderScenario] only
	FromServer bool // the server sends first after the idle time, not the client
}

// String names the router in the notation of nft and sysctl.
func (b Router) String() string {
	text := fmt.Sprintf("ct=%s %s loose=0", brief(b.Timeout), b.Policy)
	if b.Loose {
		text = text[:len(text)-1] + "1"
	}
	if b.Reset {
		text += " reset"
	}
	if b.ResetBoth {
		text += " reset-both"
	}
	if b.FromServer {
		text += " server sends"
	}
	return text
}

// forgives says whether a packet without an entry passes all the same.
func (b Router) forgives() bool { return b.Loose && b.Policy == DropInvalid }

// The router's interfaces, as they stand in rules.
const (
	clientInterface = "left"
	serverInterface = "right"
)

// rules are the nft rules for what the router forwards.
func (b Router) rules() string {
	verdict := "counter drop"
	if b.Reset {
		verdict = "counter reject with tcp reset"
	}
	const (
		syn     = "tcp flags & (fin | syn | rst | ack) == syn"
		from    = `iifname "` + clientInterface + `" `
		there   = "ip saddr . tcp sport . ip daddr . tcp dport"
		back    = "ip daddr . tcp dport . ip saddr . tcp sport @flows accept"
		refresh = from + there + " @flows update @flows { " + there + " } accept\n"
	)
	switch b.Policy {
	case Strict:
		return "ct state established accept\n" + syn + " accept\n" + verdict
	case FromInside:
		return "ct state established accept\n" + from + "accept\n" + verdict
	case Outward:
		return from + syn + " update @flows { " + there + " } accept\n" + refresh + back + "\n" + verdict
	case Lifetime:
		return from + syn + " add @flows { " + there + " } accept\n" + there + " @flows accept\n" + back + "\n" + verdict
	case DropInvalid:
	}
	return "ct state invalid " + verdict
}

// set is the nft set in which a box without conntrack keeps its entries.
func (b Router) set() string {
	return fmt.Sprintf(`table inet lab {
	set flows { type ipv4_addr . inet_service . ipv4_addr . inet_service; flags dynamic, timeout; timeout %ds; }
}
`, b.Timeout/time.Second)
}
