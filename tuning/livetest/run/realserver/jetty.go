package realserver

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// JettyHome is where Debian has Jetty, such as /usr/share/jetty9.
func JettyHome(t testing.TB) string {
	t.Helper()
	return filepath.Dir(Newest(t, "/usr/share/jetty*/start.jar"))
}

// Jetty starts Jetty with a JETTY_BASE of its own, the modules server, http and one that deploys
// files, and these lines of start.ini, such as jetty.http.idleTimeout=3000. They stand before the
// module that deploys: what comes after it is, from Jetty 12 on, for its environment alone.
func Jetty(t testing.TB, ini string) *Server {
	t.Helper()
	home := JettyHome(t)
	dir, port := Dir(t), FreePort(t)
	deploy := "deploy"
	if _, err := os.Stat(filepath.Join(home, "modules", "core-deploy.mod")); err == nil {
		deploy = "core-deploy"
	}
	File(t, dir, "start.ini", fmt.Sprintf(
		"--module=server,http\njetty.http.host=127.0.0.1\njetty.http.port=%d\n%s\n--module=%s\n", port, ini, deploy))
	File(t, dir, "webapps/root/index.html", "ok\n")
	return startJava(t, dir, port, "-jar", home+"/start.jar", "jetty.home="+home, "jetty.base="+dir)
}
