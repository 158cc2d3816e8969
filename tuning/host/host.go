// Package host reads the machine on which keeptune runs. It changes nothing.
package host

// Options are what [Sockets] is asked.
type Options struct {
	Namespace string // a name of ip netns, a process's number or a file; "" for this one
	Spans     bool   // how long each connection has been idle (tcp_info)
	Owners    bool   // which processes hold each socket
	Listening bool   // listeners alone
}

// Read is what a reading could not see.
type Read struct {
	Hidden int // processes of other users, whose sockets have no owner therefore
}
