package probe

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"time"

	"example.com/keeptune/model"
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
	ip = ip.Unmap().WithZone("")
	if ip.IsLoopback() || ip.IsUnspecified() {
		return true
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range own {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Unmap() == ip {
			return true
		}
	}
	return false
}

// NeedsConsent reports whether the target is not, or not certainly, an address of this
// machine, so that the caller must ask before a test. A name is looked up once.
func NeedsConsent(ctx context.Context, spec model.ProbeSpec) bool {
	ip, err := lookup(ctx, spec.Target.Host)
	return err != nil || !Local(ip)
}

// lookup finds the one address under test: the first the system names.
func lookup(ctx context.Context, host string) (string, error) {
	if _, err := netip.ParseAddr(host); err == nil {
		return host, nil
	}
	ctx, cancel := context.WithTimeout(ctx, resolveLimit)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return "", err
	}
	return addrs[0].Unmap().String(), nil
}
