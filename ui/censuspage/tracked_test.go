package censuspage_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/census"
	"example.com/keeptune/ui/censuspage"
	"example.com/keeptune/ui/widget"
)

const trackedPage = `TRACKED  ct.txt: 3 of TCP, and 2 of other protocols, which are left out

STATE          CONNECTIONS   FIRST ENDS IN    LAST ENDS IN  UNANSWERED
ESTABLISHED              2             59s              5d           0
OFFLOADED                1               -               -           0

ESTABLISHED, BY WHAT THEY HAVE LEFT
   under 60s     to 300s       to 1h       to 1d       1d on
           1           0           0           0           1

FORGOTTEN FIRST, UNLESS A PACKET COMES
         59s  10.0.0.1:1 > 10.0.0.2:2
          5d  10.0.0.1:1 > 10.0.0.2:2

WHAT THIS SHOWS
  - A packet gives an established connection 5d or more again: the most that one
    has left (nf_conntrack_tcp_timeout_established). With data that stays
    unanswered it has less: 5 m as Linux starts
    (nf_conntrack_tcp_timeout_unacknowledged).
  - Neither end is told when one is forgotten: behind a translation of
    addresses, or where only known connections pass, it is dead then. A packet
    in less than that time holds it (MID-1).
`

func TestTrackedPage(t *testing.T) {
	k := census.Tracking{Others: 2}
	for _, left := range []time.Duration{59 * time.Second, 5 * 24 * time.Hour, census.Unknown} {
		state := "ESTABLISHED"
		if left == census.Unknown {
			state = "OFFLOADED"
		}
		k.Add(census.Tracked{State: state, From: netip.MustParseAddrPort("10.0.0.1:1"), To: netip.MustParseAddrPort("10.0.0.2:2"), Left: left})
	}
	lines := censuspage.TrackedLines(&k, censuspage.Options{Width: 80, Of: "ct.txt"})
	if got := strings.Join(lines, "\n") + "\n"; got != trackedPage {
		t.Errorf("the page is\n%s", got)
	}
	for _, l := range lines {
		if widget.Width(l) > 80 {
			t.Errorf("wider than 80 columns: %q", l)
		}
	}
}
