package realserver

import (
	"fmt"
	"testing"
)

const jettyHome = "/usr/share/jetty9"

// Jetty starts Jetty 9 with a JETTY_BASE of its own, the modules server, http and deploy,
// and these lines of start.ini, such as jetty.http.idleTimeout=3000.
func Jetty(t testing.TB, ini string) *Server {
	t.Helper()
	NeedFile(t, jettyHome+"/start.jar")
	dir, port := Dir(t), FreePort(t)
	File(t, dir, "start.ini", fmt.Sprintf(
		"--module=server,http,deploy\njetty.http.host=127.0.0.1\njetty.http.port=%d\n%s\n", port, ini))
	File(t, dir, "webapps/root/index.html", "ok\n")
	return startJava(t, dir, port, "-jar", jettyHome+"/start.jar", "jetty.home="+jettyHome, "jetty.base="+dir)
}
