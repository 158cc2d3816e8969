package run

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// resolveLimit bounds the name service.
const resolveLimit = 5 * time.Second

// Local reports whether addr, an IP address or "localhost", with or without a port, is an
// address of this machine. A name is never looked up.
func Local(addr string) bool {
	host := addr
	if h, _, err := net.SplitHostPort(addr); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	zone := ip.Zone()
	ip = ip.Unmap().WithZone("")
	if ip.IsLoopback() || ip.IsUnspecified() {
		return true
	}
	for _, a := range ownAddrs(zone) {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Unmap() == ip {
			return true
		}
	}
	return false
}

// ownAddrs are the addresses of this machine, or with a zone those of that interface: the
// same link-local address may be another machine's on another link.
func ownAddrs(zone string) []net.Addr {
	if zone == "" {
		own, _ := net.InterfaceAddrs()
		return own
	}
	link, err := net.InterfaceByName(zone)
	if n, numeric := strconv.Atoi(zone); err != nil && numeric == nil {
		link, err = net.InterfaceByIndex(n)
	}
	if err != nil {
		return nil
	}
	own, _ := link.Addrs()
	return own
}

// NeedsConsent reports whether the target is not, or not certainly, an address of this
// machine, so that the caller must ask before a test. All addresses of a name count, since
// the test may be given any of them.
func NeedsConsent(ctx context.Context, spec livetest.Spec) bool {
	var hosts []string
	if spec.Target.Route.Unix == "" {
		hosts = append(hosts, spec.Target.Host)
	}
	if proxy, _ := first(spec.Target); proxy != spec.Target.Host {
		hosts = append(hosts, proxy)
	}
	if spec.Ladder != nil && spec.Ladder.FarEnd != "" {
		hosts = append(hosts, farEndHost(spec.Ladder))
	}
	return slices.ContainsFunc(hosts, func(host string) bool {
		ips, err := lookup(ctx, host)
		return err != nil || slices.ContainsFunc(ips, func(ip string) bool { return !Local(ip) })
	})
}

// lookup finds the addresses of a host in the system's order; it returns one or an error.
func lookup(ctx context.Context, host string) ([]string, error) {
	if _, err := netip.ParseAddr(host); err == nil {
		return []string{host}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, resolveLimit)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	if len(addrs) == 0 {
		return nil, &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	ips := make([]string, len(addrs))
	for i, a := range addrs {
		ips[i] = a.Unmap().String()
	}
	return ips, nil
}
