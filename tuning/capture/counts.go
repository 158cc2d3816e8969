package capture

import (
	"maps"
	"slices"

	"github.com/gopacket/gopacket/layers"
)

// Counts are of what was read so far.
type Counts struct {
	Packets    int64 // that the file has
	Segments   int64 // that Next returned
	Duplicates int64 // further copies of a packet, left out
	Tunnelled  int64 // segments out of VXLAN, GENEVE, GRE or IP in IP
	Other      int64 // packets that are no TCP
	Fragments  int64 // of IP packets
	Cut        int64 // packets of which not even the headers were captured
	Malformed  int64 // packets whose headers contradict themselves
	Timeless   int64 // packets that were kept without a time, or with one in units of 2^-30 s and less
	Strange    int64 // packets of link types that aren't read
	Short      int64 // segments whose payload was captured in part or not at all
	Dropped    int64 // packets that the capture's own counters say it missed
	Links      []Link
	End        string // a sentence about an end that isn't one: what stands before it counts
}

// Link is a link type that isn't read, and how many packets have it.
type Link struct {
	Type    int // of https://www.tcpdump.org/linktypes.html
	Name    string
	Packets int64
}

// Unread counts packets that may have been TCP and could not be read.
func (c Counts) Unread() int64 {
	return c.Fragments + c.Cut + c.Malformed + c.Timeless + c.Strange
}

func (c *Counts) add(what outcome) {
	switch what {
	case other:
		c.Other++
	case fragment:
		c.Fragments++
	case cut:
		c.Cut++
	case malformed:
		c.Malformed++
	case strange:
		c.Strange++
	case segment:
	}
}

// links lists what was counted of link types, in order of their numbers.
func links(of map[layers.LinkType]int64) []Link {
	var all []Link
	for _, t := range slices.Sorted(maps.Keys(of)) {
		name := t.String()
		if name == "UnknownLinkType" {
			name = ""
		}
		all = append(all, Link{int(t), name, of[t]})
	}
	return all
}
