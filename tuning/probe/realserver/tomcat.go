package realserver

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const tomcatHome = "/usr/share/tomcat10"

// httpConnector is the one connector of the server.xml that Debian ships which is not a
// comment.
var httpConnector = regexp.MustCompile(`(?s)<Connector port="8080"([^>]*)/>`)

// Tomcat starts Tomcat 10 with the server.xml that Debian ships, on another address and
// port and with a CATALINA_BASE of its own; Debian's file has no shutdown port. The
// connector gets these attributes, such as keepAliveTimeout="3000", in place of Debian's;
// empty means Debian's.
func Tomcat(t testing.TB, attributes string) *Server {
	t.Helper()
	needJar(t, "tomcat10", tomcatHome+"/bin/bootstrap.jar")
	dir, port := Dir(t), FreePort(t)
	xml, err := os.ReadFile(tomcatHome + "/etc/server.xml")
	if err != nil {
		t.Fatal(err)
	}
	ours := httpConnector.FindSubmatchIndex(xml)
	if ours == nil {
		t.Fatal("Debian's server.xml has no connector on port 8080")
	}
	if attributes == "" {
		attributes = string(xml[ours[2]:ours[3]])
	}
	File(t, dir, "conf/server.xml", string(xml[:ours[0]])+
		fmt.Sprintf(`<Connector address="127.0.0.1" port="%d" %s/>`, port, attributes)+string(xml[ours[1]:]))
	for _, name := range []string{"web.xml", "tomcat-users.xml"} {
		b, err := os.ReadFile(filepath.Join(tomcatHome, "etc", name))
		if err != nil {
			t.Fatal(err)
		}
		File(t, dir, filepath.Join("conf", name), string(b))
	}
	File(t, dir, "logs/.keep", "")
	File(t, dir, "webapps/ROOT/index.html", "ok\n")
	classes := strings.Join([]string{tomcatHome + "/bin/bootstrap.jar", tomcatHome + "/bin/tomcat-juli.jar"}, ":")
	return startJava(t, dir, port, "-cp", classes, "-Dcatalina.home="+tomcatHome, "-Dcatalina.base="+dir,
		"org.apache.catalina.startup.Bootstrap", "start")
}
