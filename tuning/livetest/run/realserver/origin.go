package realserver

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Origin starts a server inside the test for proxies that answer nothing by themselves. It
// ends no idle connection. It returns its host:port.
func Origin(t testing.TB) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok\n")
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // a proxy that ends resets its connections
	s.Start()
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}
