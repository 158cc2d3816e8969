package model

import (
	"fmt"
	"net/netip"
	"slices"
)

// A Place says which server of the path the one at an address is in packet captures.
type Place struct {
	Endpoint EndpointID // "" where it is none of the path's
	Addr     netip.AddrPort
}

// maxPlaces bounds what is kept of captures with ever other addresses.
const maxPlaces = 1000

// SetPlace says which server of the path the one at an address is. A server is at one
// address, and an address is of one server: what was said before of either is forgotten.
type SetPlace struct{ Place Place }

func (SetPlace) edit() {}

// Key is empty: placing is a step of its own.
func (SetPlace) Key() string { return "" }

func (d Document) withPlace(p Place) (Document, error) {
	p.Addr = netip.AddrPortFrom(p.Addr.Addr().Unmap(), p.Addr.Port())
	switch {
	case !p.Addr.IsValid() || p.Addr.Addr().Zone() != "":
		return d, fmt.Errorf("the place of a server is an address with a port, such as 10.0.0.5:443")
	case p.Endpoint != "" && !d.Path.has(p.Endpoint):
		return d, fmt.Errorf("the path has no endpoint %q; it is %s", Clean(string(p.Endpoint), 60), d.Path)
	}
	d.Places = slices.DeleteFunc(slices.Clone(d.Places), func(x Place) bool {
		return x.Addr == p.Addr || p.Endpoint != "" && x.Endpoint == p.Endpoint
	})
	if len(d.Places) >= maxPlaces {
		return d, fmt.Errorf("a session keeps the places of %d servers at most", maxPlaces)
	}
	d.Places = append(d.Places, p)
	return d, nil
}

// replaced gives the places of a document the names that hops have after a change of the
// path, as resuppressed does: what was said of a hop that is gone goes with it.
func (d Document) replaced(names map[EndpointID]EndpointID) Document {
	var kept []Place
	for _, p := range d.Places {
		name, ok := names[p.Endpoint]
		if ok || p.Endpoint == "" {
			kept = append(kept, Place{name, p.Addr})
		}
	}
	d.Places = kept
	return d
}
