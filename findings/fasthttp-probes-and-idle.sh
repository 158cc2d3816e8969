#!/bin/sh
# github.com/valyala/fasthttp v1.78.0 with Go 1.26.8 on Linux (iproute2).
#
# 1. Server.TCPKeepalive is off by default, and its documentation says that so
#    are the probes. They are on, every 15 s, because Go's listener sets them.
#    TCPKeepalivePeriod without TCPKeepalive changes nothing.
# 2. Server.IdleTimeout does not run before the first request: a client that
#    connects and says nothing is never closed.
#
# Seen:
#   TCPKeepalive false                             timer: keepalive,14sec,0
#   TCPKeepalive false, TCPKeepalivePeriod 100 s   timer: keepalive,14sec,0
#   IdleTimeout 2 s, nothing sent                  open after 8.0 s
#   IdleTimeout 2 s, after a request               closed after 2.0 s
#
# Exits with 1 where one of the two is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >go.mod <<'MOD'
module finding

go 1.26.8

require github.com/valyala/fasthttp v1.78.0
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// listen starts the server with its own listener and returns its address.
func listen(s *fasthttp.Server) string {
	for port := 21000; port < 21100; port++ {
		addr := fmt.Sprintf("127.0.0.1:%d", port)
		failed := make(chan error, 1)
		go func() { failed <- s.ListenAndServe(addr) }()
		select {
		case <-failed:
		case <-time.After(time.Second):
			return addr
		}
	}
	panic("no free port")
}

func get(c net.Conn) {
	fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := c.Read(make([]byte, 4096)); n == 0 {
		panic(err)
	}
}

// timer is what ss shows of the server's socket for a client.
func timer(c net.Conn) string {
	out, err := exec.Command("ss", "-Htno", "src", c.RemoteAddr().String(), "dst", c.LocalAddr().String()).Output()
	if err != nil {
		panic(err)
	}
	if _, t, ok := strings.Cut(string(out), "timer:("); ok {
		t, _, _ = strings.Cut(t, ")")
		return t
	}
	return "none"
}

// stays is how long a connection stays open, at most eight seconds.
func stays(c net.Conn) string {
	began := time.Now()
	c.SetReadDeadline(began.Add(8 * time.Second))
	if _, err := io.Copy(io.Discard, c); err == nil || !os.IsTimeout(err) {
		return fmt.Sprintf("closed after %.1f s", time.Since(began).Seconds())
	}
	return fmt.Sprintf("open after %.1f s", time.Since(began).Seconds())
}

func dial(addr string) net.Conn {
	d := net.Dialer{KeepAlive: -1}
	c, err := d.Dial("tcp", addr)
	if err != nil {
		panic(err)
	}
	return c
}

func main() {
	handler := func(ctx *fasthttp.RequestCtx) { ctx.WriteString("ok") }
	same := true
	for _, s := range []struct {
		name   string
		server *fasthttp.Server
		probes bool
	}{
		{"TCPKeepalive false", &fasthttp.Server{Handler: handler}, true},
		{"TCPKeepalive false, TCPKeepalivePeriod 100 s", &fasthttp.Server{Handler: handler, TCPKeepalivePeriod: 100 * time.Second}, true},
	} {
		c := dial(listen(s.server))
		get(c)
		t := timer(c)
		fmt.Printf("%-46s timer: %s\n", s.name, t)
		same = same && strings.HasPrefix(t, "keepalive,1")
		c.Close()
	}
	addr := listen(&fasthttp.Server{Handler: handler, IdleTimeout: 2 * time.Second})
	c := dial(addr)
	silent := stays(c)
	fmt.Printf("IdleTimeout 2 s, nothing sent                  %s\n", silent)
	c.Close()
	c = dial(addr)
	get(c)
	after := stays(c)
	fmt.Printf("IdleTimeout 2 s, after a request               %s\n", after)
	if same && strings.HasPrefix(silent, "open") && strings.HasPrefix(after, "closed after 2") {
		fmt.Println("as seen before")
		return
	}
	fmt.Println("CHANGED")
	os.Exit(1)
}
GO
export GOTOOLCHAIN=go1.26.8
go get github.com/valyala/fasthttp@v1.78.0 >/dev/null 2>&1
go run .
