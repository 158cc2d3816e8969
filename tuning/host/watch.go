package host

import (
	"errors"

	"example.com/keeptune/tuning/capture"
)

// WatchOptions are what [OpenWatch] is asked.
type WatchOptions struct {
	Interface string   // "" for every interface
	Ports     []uint16 // of either end; none for all
	Namespace string   // as of [Options]
	Snap      int      // bytes of a packet from the network's header on; 0 is 512
	Buffer    int      // bytes of memory that the kernel fills; 0 is 16 MiB

	// Packet, where not nil, is given each packet that the kernel hands on; it is valid
	// during the call. An error of it ends the watch.
	Packet func(*capture.Packet) error
}

// Defaults of WatchOptions.
const (
	defaultSnap   = 512
	defaultBuffer = 16 << 20
)

// ErrMayNotWatch is in the error of [OpenWatch] where capturing isn't allowed.
var ErrMayNotWatch = errors.New("capturing packets takes root or the capability CAP_NET_RAW")
