package realserver

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// httpConnector is the one connector of the server.xml that Debian ships which is not a
// comment.
var httpConnector = regexp.MustCompile(`(?s)<Connector port="8080"[^>]*/>`)

// TomcatHome is where Debian has Tomcat, such as /usr/share/tomcat10.
func TomcatHome(t testing.TB) string {
	t.Helper()
	return filepath.Dir(filepath.Dir(Newest(t, "/usr/share/tomcat*/bin/bootstrap.jar")))
}

// Tomcat starts Tomcat with the server.xml that Debian ships, on another address and
// port and with a CATALINA_BASE of its own; Debian's file has no shutdown port. This
// connector for port 8080 takes the place of Debian's; empty means Debian's.
func Tomcat(t testing.TB, connector string) *Server {
	t.Helper()
	home := TomcatHome(t)
	NeedFile(t, home+"/etc/server.xml")
	dir, port := Dir(t), FreePort(t)
	xml, err := os.ReadFile(home + "/etc/server.xml")
	if err != nil {
		t.Fatal(err)
	}
	debian := httpConnector.FindString(string(xml))
	if debian == "" {
		t.Fatal("Debian's server.xml has no connector on port 8080")
	}
	if connector == "" {
		connector = debian
	}
	connector = strings.Replace(connector, `port="8080"`, fmt.Sprintf(`address="127.0.0.1" port="%d"`, port), 1)
	File(t, dir, "conf/server.xml", strings.Replace(string(xml), debian, connector, 1))
	for _, name := range []string{"web.xml", "tomcat-users.xml"} {
		b, err := os.ReadFile(filepath.Join(home, "etc", name))
		if err != nil {
			t.Fatal(err)
		}
		File(t, dir, filepath.Join("conf", name), string(b))
	}
	File(t, dir, "logs/.keep", "")
	File(t, dir, "webapps/ROOT/index.html", "ok\n")
	classes := strings.Join([]string{home + "/bin/bootstrap.jar", home + "/bin/tomcat-juli.jar"}, ":")
	return startJava(t, dir, port, "-cp", classes, "-Dcatalina.home="+home, "-Dcatalina.base="+dir,
		"org.apache.catalina.startup.Bootstrap", "start")
}
