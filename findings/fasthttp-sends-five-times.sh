#!/bin/sh
# github.com/valyala/fasthttp v1.78.0 and github.com/cloudwego/hertz v0.10.4 with Go
# 1.26.8.
#
# A server that takes a GET or PUT and closes without an answer gets it from one call of
# fasthttp's client five times, each on a connection of its own: not only a kept one that
# went stale counts as worth another try. DELETE, which is idempotent too, is sent once.
# Hertz, whose client comes from the same source, sends GET, PUT and DELETE twice, and
# net/http a GET, where its connection was a kept one.
#
# Seen (how often the server read the request, by client; after one that was answered):
#   GET     fasthttp 5  hertz 2  net/http 2
#   PUT     fasthttp 5  hertz 2  net/http 1
#   DELETE  fasthttp 1  hertz 2  net/http 1
#   POST    fasthttp 1  hertz 1  net/http 1
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"github.com/cloudwego/hertz/pkg/app/client"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/hertz/pkg/protocol"
	"github.com/valyala/fasthttp"
)

// serve answers / and closes on /close, which it counts.
func serve(closed *atomic.Int64) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for r := bufio.NewReader(c); ; {
					q, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					io.Copy(io.Discard, q.Body)
					if q.URL.Path == "/close" {
						closed.Add(1)
						return
					}
					io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// Each asks by a method, with a client that it keeps.
var clients = []struct {
	name string
	make func() func(method, url string)
	want [4]int64
}{
	{"fasthttp", func() func(method, url string) {
		c := &fasthttp.Client{}
		return func(method, url string) {
			q, a := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			q.SetRequestURI(url)
			q.Header.SetMethod(method)
			c.Do(q, a)
		}
	}, [4]int64{5, 5, 1, 1}},
	{"hertz", func() func(method, url string) {
		c, _ := client.NewClient()
		return func(method, url string) {
			q, a := protocol.AcquireRequest(), protocol.AcquireResponse()
			q.SetRequestURI(url)
			q.Header.SetMethod(method)
			c.Do(context.Background(), q, a)
		}
	}, [4]int64{2, 2, 2, 1}},
	{"net/http", func() func(method, url string) {
		c := &http.Client{Transport: &http.Transport{}}
		return func(method, url string) {
			q, _ := http.NewRequest(method, url, nil)
			if a, err := c.Do(q); err == nil {
				io.Copy(io.Discard, a.Body)
				a.Body.Close()
			}
		}
	}, [4]int64{2, 1, 1, 1}},
}

func main() {
	hlog.SetOutput(io.Discard)
	same := true
	for i, method := range []string{"GET", "PUT", "DELETE", "POST"} {
		var line strings.Builder
		for _, x := range clients {
			var closed atomic.Int64
			url, do := serve(&closed), x.make()
			do("GET", url+"/")
			do(method, url+"/close")
			fmt.Fprintf(&line, "  %s %d", x.name, closed.Load())
			same = same && closed.Load() == x.want[i]
		}
		fmt.Printf("%-6s%s\n", method, line.String())
	}
	if !same {
		fmt.Println("CHANGED")
		os.Exit(1)
	}
	fmt.Println("as seen before")
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/cloudwego/hertz@v0.10.4 github.com/valyala/fasthttp@v1.78.0 >/dev/null 2>&1
GOFLAGS=-mod=mod go run .
