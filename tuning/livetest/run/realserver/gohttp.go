package realserver

import (
	"context"
	"os"
	"os/exec"
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
	build := exec.CommandContext(context.WithoutCancel(t.Context()), find("go"), "build", "-o", "server", ".") //nolint:gosec // a test's own arguments
	build.Dir, build.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return start(t, dir, port, []string{"PORT=" + strconv.Itoa(port)}, filepath.Join(dir, "server"))
}
