package realserver

import (
	"path/filepath"
	"strconv"
	"testing"
)

// plainGo is net/http as it is.
const plainGo = `package keepalive

import (
	"context"
	"net"
	"net/http"
)

func NewServer(handler http.Handler) *http.Server { return &http.Server{Handler: handler} }

func Listen(ctx context.Context, address string) (net.Listener, error) { return net.Listen("tcp", address) }
`

const goMain = `package main

import (
	"context"
	"net/http"
	"os"

	"proof/keepalive"
)

func main() {
	server := keepalive.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok\n")) }))
	listener, err := keepalive.Listen(context.Background(), "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		panic(err)
	}
	panic(server.Serve(listener))
}
`

// GoServer builds a program with the installed Go toolchain and starts it. Its package
// keepalive is this file, which defines NewServer and Listen as an exported file does;
// empty means net/http as it is.
func GoServer(t testing.TB, keepalive string) *Server {
	t.Helper()
	Need(t, "go")
	if keepalive == "" {
		keepalive = plainGo
	}
	dir, port := Dir(t), FreePort(t)
	File(t, dir, "go.mod", "module proof\n\ngo 1.23\n")
	File(t, dir, "main.go", goMain)
	File(t, dir, "keepalive/keepalive.go", keepalive)
	return built(t, dir, port)
}

// GoProgram builds a whole program with a module in it, such as google.golang.org/grpc@v1.85.0,
// and starts it: it must listen on port PORT of 127.0.0.1. The module comes from the proxy of
// Go's modules.
func GoProgram(t testing.TB, module, main string) *Server {
	t.Helper()
	Need(t, "go")
	dir, port := Dir(t), FreePort(t)
	File(t, dir, "go.mod", "module proof\n\ngo 1.23\n")
	File(t, dir, "main.go", main)
	goTool(t, dir, "get", module)
	return built(t, dir, port)
}

// built builds the program in dir and starts it.
func built(t testing.TB, dir string, port int) *Server {
	t.Helper()
	goTool(t, dir, "build", "-o", "server", ".")
	return start(t, dir, port, []string{"PORT=" + strconv.Itoa(port)}, filepath.Join(dir, "server"))
}

func goTool(t testing.TB, dir string, args ...string) {
	t.Helper()
	once(t, dir, []string{"GOWORK=off", "GOFLAGS="}, append([]string{"go"}, args...)...)
}
