#!/bin/sh
# Go 1.26.8 on Linux (toolchain go1.26.8, package net).
#
# net.Dialer.KeepAliveConfig with an Idle above 32,767 s: Dial succeeds without
# an error, probes are on, and not only Idle but Interval and Count too are the
# kernel's. A wrong Count alone leaves Idle and Interval as asked.
#
# Seen (asked -> SO_KEEPALIVE, idle, interval, count of the socket):
#   32767 s, 20 s, 3    <nil>  1 32767 20 3
#   36000 s, 20 s, 3    <nil>  1 7200 75 9
#   30 s, 20 s, 200     <nil>  1 30 20 9
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >go.mod <<'MOD'
module finding

go 1.26.8
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

func main() {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	same := true
	ask := func(idle, interval time.Duration, count int, want string) {
		d := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: idle, Interval: interval, Count: count}}
		c, err := d.Dial("tcp4", l.Addr().String())
		if err != nil {
			panic(err)
		}
		defer c.Close()
		raw, _ := c.(*net.TCPConn).SyscallConn()
		var got string
		raw.Control(func(fd uintptr) {
			on, _ := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_KEEPALIVE)
			got = fmt.Sprint(on)
			for _, option := range []int{syscall.TCP_KEEPIDLE, syscall.TCP_KEEPINTVL, syscall.TCP_KEEPCNT} {
				v, _ := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, option)
				got += fmt.Sprint(" ", v)
			}
		})
		asked := fmt.Sprintf("%.0f s, %.0f s, %d", idle.Seconds(), interval.Seconds(), count)
		fmt.Printf("%-20s%v  %s\n", asked, err, got)
		same = same && got == want
	}
	ask(32767*time.Second, 20*time.Second, 3, "1 32767 20 3")
	ask(36000*time.Second, 20*time.Second, 3, "1 7200 75 9")
	ask(30*time.Second, 20*time.Second, 200, "1 30 20 9")
	if !same {
		fmt.Println("CHANGED")
		os.Exit(1)
	}
	fmt.Println("as seen before")
}
GO
GOTOOLCHAIN=go1.26.8 GOFLAGS=-trimpath go run .
