#!/bin/sh
# Go 1.26.8 with golang.org/x/net v0.62.0 (packages http2 and http2/h2c).
#
# http.Server's IdleTimeout does not reach cleartext HTTP/2 that h2c.NewHandler
# serves: with an empty http2.Server an idle connection has no limit at all.
# The limit is http2.Server's own IdleTimeout, whose documentation says to set
# http.Server's instead. With http.Server's Protocols it is http.Server's.
#
# Seen (http.Server with IdleTimeout 1 s, idle after one request):
#   Protocols with UnencryptedHTTP2                            closed after 1.0 s
#   h2c.NewHandler with &http2.Server{}                        open after 6.0 s
#   the 1 s on http2.Server instead, 20 s on http.Server       closed after 1.0 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >go.mod <<'MOD'
module finding

go 1.26.8

require golang.org/x/net v0.62.0
MOD
cat >main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
	"golang.org/x/net/http2/hpack"
)

const idle = time.Second

// closes serves one request over cleartext HTTP/2 and returns how long the
// connection then stays open, at most six seconds.
func closes(s *http.Server) time.Duration {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go s.Serve(l)
	defer s.Close()
	c, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		panic(err)
	}
	defer c.Close()
	fmt.Fprint(c, http2.ClientPreface)
	f := http2.NewFramer(c, c)
	f.WriteSettings()
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	for _, h := range [][2]string{{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}} {
		e.WriteField(hpack.HeaderField{Name: h[0], Value: h[1]})
	}
	f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true})
	var answered time.Time
	c.SetReadDeadline(time.Now().Add(6 * time.Second))
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return time.Since(answered)
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				f.WriteSettingsAck()
			}
		case *http2.GoAwayFrame:
			return time.Since(answered)
		}
		if frame.Header().StreamID == 1 && frame.Header().Flags.Has(http2.FlagDataEndStream) {
			answered = time.Now()
		}
	}
}

func main() {
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	var cleartext http.Protocols
	cleartext.SetHTTP1(true)
	cleartext.SetUnencryptedHTTP2(true)
	told := func(name string, took time.Duration) {
		if took < 5*time.Second {
			fmt.Printf("%-58s closed after %.1f s\n", name, took.Seconds())
		} else {
			fmt.Printf("%-58s open after %.1f s\n", name, took.Seconds())
		}
	}
	protocols := closes(&http.Server{IdleTimeout: idle, Handler: answer, Protocols: &cleartext})
	told("Protocols with UnencryptedHTTP2", protocols)
	handler := closes(&http.Server{IdleTimeout: idle, Handler: h2c.NewHandler(answer, &http2.Server{})})
	told("h2c.NewHandler with &http2.Server{}", handler)
	inner := closes(&http.Server{IdleTimeout: 20 * time.Second, Handler: h2c.NewHandler(answer, &http2.Server{IdleTimeout: idle})})
	told("the 1 s on http2.Server instead, 20 s on http.Server", inner)
	if protocols > 3*time.Second || handler < 5*time.Second || inner > 3*time.Second {
		fmt.Println("CHANGED")
		os.Exit(1)
	}
	fmt.Println("as seen before")
}
GO
export GOTOOLCHAIN=go1.26.8 GOFLAGS=-trimpath
go mod tidy >/dev/null 2>&1
go run .
