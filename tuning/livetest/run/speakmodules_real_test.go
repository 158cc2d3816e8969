//go:build real && prove

package run_test

import (
	"fmt"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// socketIO is a server of Socket.IO with times in milliseconds.
const socketIO = `const { Server } = require('socket.io');
const http = require('node:http').createServer();
new Server(http, { pingInterval: %d, pingTimeout: %d });
http.listen(Number(process.env.PORT), process.env.HOST);
`

// grpcGo is a server of grpc-go without services, with an idle time in seconds.
const grpcGo = `package main

import (
	"net"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		panic(err)
	}
	panic(grpc.NewServer(grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: %d * time.Second})).Serve(listener))
}
`

// TestRealSpokenModules is [TestRealSpoken] for programs that Debian does not have.
func TestRealSpokenModules(t *testing.T) {
	t.Parallel()
	for _, s := range []int{2, 4} {
		d := time.Duration(s) * time.Second
		for _, s := range []*spoken{
			{name: "Socket.IO", start: func(t testing.TB) *realserver.Server {
				return realserver.Package(t, "socket.io@4.8.4", fmt.Sprintf(socketIO, d.Milliseconds(), d.Milliseconds()/2))
			}, at: func(a string) string { return "ws://" + a + "/socket.io/?EIO=4&transport=websocket" }, from: d * 3 / 2, close: livetest.CloseFIN},
			{name: "grpc-go", start: func(t testing.TB) *realserver.Server {
				return realserver.GoProgram(t, "google.golang.org/grpc@v1.85.0", fmt.Sprintf(grpcGo, s))
			}, at: func(a string) string { return "grpc://" + a }, from: d + time.Second, close: livetest.CloseFIN},
		} {
			t.Run(fmt.Sprintf("%s %v", s.name, s.from), func(t *testing.T) {
				t.Parallel()
				s.check(t)
			})
		}
	}
}
