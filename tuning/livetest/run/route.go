package run

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// maxPEM bounds a file of certificates.
const maxPEM = 4 << 20

// dial connects to the first hop of the route, without happy eyeballs and without TCP
// keep-alive, which would hold the path under test open.
func (p Tester) dial(ctx context.Context, route livetest.Route, address string) (net.Conn, error) {
	if p.Dial != nil {
		return p.Dial(ctx, address)
	}
	d := net.Dialer{KeepAlive: -1, FallbackDelay: -1, Control: stampSocket}
	if route.Unix != "" {
		return d.DialContext(ctx, "unix", route.Unix)
	}
	return d.DialContext(ctx, "tcp", address)
}

// pass walks an open connection along its route: the PROXY header, then CONNECT.
func (l *connection) pass(ctx context.Context, t livetest.Target) error {
	stop := context.AfterFunc(ctx, func() { _ = l.tcp.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	_ = l.tcp.SetDeadline(time.Now().Add(handshakeLimit))
	if t.Route.ProxyProtocol > 0 {
		header := proxyHeader(t.Route.ProxyProtocol, l.tcp.LocalAddr(), l.tcp.RemoteAddr())
		if _, err := l.tcp.Write(header); err != nil {
			return &stepError{step: "connect", err: err}
		}
	}
	if t.Route.Proxy != "" {
		if err := l.tunnel(t); err != nil {
			return &stepError{step: "proxy", err: err}
		}
	}
	return l.tcp.SetDeadline(time.Time{})
}

// tunnel asks the proxy for a connection to the target (RFC 9110 section 9.3.6).
func (l *connection) tunnel(t livetest.Target) error {
	_, err := io.WriteString(l.tcp, "CONNECT "+t.Address()+" HTTP/1.1\r\nHost: "+t.Address()+
		"\r\nUser-Agent: "+livetest.UserAgent+"\r\n\r\n")
	if err != nil {
		return err
	}
	buf := bufio.NewReaderSize(l.tcp, readBuffer)
	re, err := readReply(buf, "HEAD") // the body of a refusal is not read
	switch {
	case err != nil:
		return err
	case re.status/100 != 2:
		return replyError(fmt.Sprintf("it answered CONNECT with %d", re.status))
	case buf.Buffered() > 0 && t.TLS():
		return replyError("it sent something before it was asked")
	}
	return nil
}

// proxyHeader is the first thing on a connection to a server that expects the PROXY
// protocol, version 1 or 2 (haproxy: doc/proxy-protocol.txt).
func proxyHeader(version int, from, to net.Addr) []byte {
	src, dst, ok := addrPorts(from, to)
	if version == 1 {
		if !ok {
			return []byte("PROXY UNKNOWN\r\n")
		}
		family := "TCP4"
		if src.Addr().Is6() {
			family = "TCP6"
		}
		return fmt.Appendf(nil, "PROXY %s %s %s %d %d\r\n", family, src.Addr(), dst.Addr(), src.Port(), dst.Port())
	}
	head := []byte("\r\n\r\n\x00\r\nQUIT\n")
	if !ok {
		return append(head, 0x20, 0x00, 0, 0) // LOCAL, unspecified
	}
	family, body := byte(0x11), append(src.Addr().AsSlice(), dst.Addr().AsSlice()...)
	if src.Addr().Is6() {
		family = 0x21
	}
	body = binary.BigEndian.AppendUint16(body, src.Port())
	body = binary.BigEndian.AppendUint16(body, dst.Port())
	head = append(head, 0x21, family)
	head = binary.BigEndian.AppendUint16(head, uint16(len(body))) //nolint:gosec // 12 or 36
	return append(head, body...)
}

// addrPorts are the two ends of a TCP connection; false where it is none.
func addrPorts(from, to net.Addr) (src, dst netip.AddrPort, ok bool) {
	a, okA := from.(*net.TCPAddr)
	b, okB := to.(*net.TCPAddr)
	if !okA || !okB {
		return src, dst, false
	}
	src, dst = a.AddrPort(), b.AddrPort()
	plain := func(p netip.AddrPort) netip.AddrPort {
		return netip.AddrPortFrom(p.Addr().Unmap().WithZone(""), p.Port())
	}
	return plain(src), plain(dst), true
}

// tlsConfig is what TLS trusts. The error is one sentence naming the file.
func (p Tester) tlsConfig(t livetest.Target) (*tls.Config, error) {
	config := &tls.Config{
		ServerName:         t.ServerName(),
		RootCAs:            p.Roots,
		MinVersion:         tls.VersionTLS10, // old servers are under test, not trusted
		InsecureSkipVerify: t.Insecure,       //nolint:gosec // asked for by name and said aloud
	}
	if file := t.Route.CAFile; file != "" {
		data, err := readPEM(file)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("%s holds no certificate in PEM form", model.Clean(file, 200))
		}
	}
	if t.Route.CertFile == "" {
		return config, nil
	}
	cert, err := readPEM(t.Route.CertFile)
	if err != nil {
		return nil, err
	}
	key, err := readPEM(t.Route.KeyFile)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("%s and %s are not a certificate with its key: %s",
			model.Clean(t.Route.CertFile, 200), model.Clean(t.Route.KeyFile, 200), model.Clean(err.Error(), 120))
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

func readPEM(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err == nil {
		defer func() { _ = f.Close() }()
		var data []byte
		if data, err = io.ReadAll(io.LimitReader(f, maxPEM)); err == nil {
			return data, nil
		}
	}
	if path, ok := errors.AsType[*os.PathError](err); ok {
		err = path.Err
	}
	return nil, fmt.Errorf("%s cannot be read: %w", model.Clean(file, 200), err)
}

// first is the address that is dialled: the proxy's, or the target's own.
func first(t livetest.Target) (host string, port int) {
	if t.Route.Proxy == "" {
		return t.Host, t.Port
	}
	host, text, err := net.SplitHostPort(t.Route.Proxy)
	if err != nil {
		return t.Route.Proxy, 0
	}
	port, _ = strconv.Atoi(text)
	return host, port
}
