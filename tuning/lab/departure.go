package lab

// A Departure is how a peer goes away while its host, or the host that took
// its place, can still answer.
type Departure string

// The departures.
const (
	Exits        Departure = "exits"         // the program ends: FIN
	ExitsEarlier Departure = "exits, write"  // as before, and this end writes all the same
	Aborts       Departure = "aborts"        // SO_LINGER 0: RST
	LeavesUnread Departure = "exits, unread" // the program ends with data it did not read: RST
	Reboots      Departure = "reboots"       // the host forgets the connection in silence
)

// departures are all of them.
func departures() []Departure {
	return []Departure{Exits, ExitsEarlier, Aborts, LeavesUnread, Reboots}
}
