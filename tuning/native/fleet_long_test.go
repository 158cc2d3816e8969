//go:build real && long

package native_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/tuning/livetest/run/realserver"
)

// TestLongFleetsAccept hands exports to the loader of Docker Compose and to the merge of
// kubectl patch, and then the files that the container finds to its program, beside a
// configuration as the image has it.
func TestLongFleetsAccept(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "go", "nginx", "haproxy", "apache2", "squid", "sshd")
	bin := filepath.Join(realserver.Dir(t), "fleet")
	runs(t, "testdata/fleet", "go", "build", "-o", bin, ".")
	for _, tt := range []struct {
		path, command string
		sets          []string
		files         string // that the container finds, the second one run at its start
		own           map[string]string
		accept        []string // with FOLDER in the place of the container's root
		says          string   // what the program prints then
		undone        string
	}{
		{
			"chrome > nginx@1.22.1/linux@6.1 > node", "",
			[]string{"nginx:nginx.keepalive_timeout=50s", "nginx:client_header_timeout=20s", "nginx:tcp_keepalive_time=600s", "nginx:tcp_retries2=8"},
			"/etc/nginx/conf.d/keeptune.conf /docker-entrypoint.d/05-keeptune.sh",
			map[string]string{"/etc/nginx/nginx.conf": "pid FOLDER/pid;\nerror_log stderr;\nevents { }\nhttp {\n    access_log off;\n    keepalive_timeout  65;\n    include FOLDER/etc/nginx/conf.d/*.conf;\n    server {\n        keepalive_timeout 3;\n    }\n}\n"},
			[]string{"nginx", "-T", "-p", "FOLDER", "-c", "FOLDER/etc/nginx/nginx.conf"},
			"        keepalive_timeout 3;", "",
		},
		{
			"chrome > apache@2.4.71/linux@6.1", "httpd-foreground -c Include conf/keeptune.conf",
			[]string{"apache:KeepAliveTimeout=50s", "apache:MaxKeepAliveRequests=never"},
			"/usr/local/apache2/conf/keeptune.conf",
			map[string]string{"/usr/local/apache2/conf/httpd.conf": "ServerRoot FOLDER/usr/local/apache2\nServerName localhost\nListen 127.0.0.1:1\nPidFile FOLDER/p\nErrorLog /dev/stderr\nIncludeOptional /etc/apache2/mods-enabled/*.load\n"},
			[]string{"apache2", "-t", "-D", "DUMP_INCLUDES", "-f", "FOLDER/usr/local/apache2/conf/httpd.conf", "-c", "Include conf/keeptune.conf"},
			"FOLDER/usr/local/apache2/conf/keeptune.conf", "",
		},
		{
			"chrome > haproxy@2.6.12/linux@6.1 > nginx", "haproxy -f /usr/local/etc/haproxy/keeptune.cfg -f /usr/local/etc/haproxy/haproxy.cfg",
			[]string{"haproxy:timeout http-keep-alive=50s", "haproxy:haproxy.tcp_keepalive=on", "haproxy:timeout connect=3s"},
			"/usr/local/etc/haproxy/keeptune.cfg",
			map[string]string{"/usr/local/etc/haproxy/haproxy.cfg": "defaults from keeptune\n    mode http\n    timeout client 30s\n    timeout server 30s\nfrontend web\n    bind 127.0.0.1:1\n    default_backend b\nbackend b\n    server s 127.0.0.1:2\n"},
			[]string{"haproxy", "-c", "-f", "FOLDER/usr/local/etc/haproxy/keeptune.cfg", "-f", "FOLDER/usr/local/etc/haproxy/haproxy.cfg"},
			"Configuration file is valid", "/usr/local/etc/haproxy/keeptune.cfg",
		},
		{
			"chrome > squid@5.7/linux@6.1 > nginx", "",
			[]string{"squid:client_idle_pconn_timeout=50s"},
			"/etc/squid/conf.d/keeptune.conf",
			map[string]string{"/etc/squid/squid.conf": "include FOLDER/etc/squid/conf.d/*.conf\nhttp_port 127.0.0.1:1\nhttp_access deny all\npid_filename FOLDER/pid\n"},
			[]string{"squid", "-k", "parse", "-f", "FOLDER/etc/squid/squid.conf"},
			"client_idle_pconn_timeout 50 seconds", "",
		},
		{
			"ssh > sshd@9.2/linux@6.1", "",
			[]string{"sshd:ClientAliveInterval=30s"},
			"/etc/ssh/sshd_config.d/10-keeptune.conf",
			map[string]string{"/etc/ssh/sshd_config": "Include FOLDER/etc/ssh/sshd_config.d/*.conf\nHostKey FOLDER/key\n"},
			[]string{"sshd", "-T", "-f", "FOLDER/etc/ssh/sshd_config"},
			"clientaliveinterval 30", "",
		},
	} {
		for _, engine := range []string{"docker", "kubernetes"} {
			t.Run(engine+" "+strings.ReplaceAll(tt.path, " > ", "+"), func(t *testing.T) {
				dir, files := export(t, engine, tt.path, tt.sets...)
				realserver.File(t, dir, "compose.yaml", "services:\n  app:\n    image: own\n    command: [own]\n")
				realserver.File(t, dir, "deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n"+
					"  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n      - {name: app, image: own}\n      - {name: sidecar, image: other}\n")
				take := func(folder string, names ...string) string {
					if engine == "docker" {
						return runs(t, dir, bin, "compose", folder, "compose.yaml", names[0])
					}
					return runs(t, dir, bin, append([]string{"pod", folder, "deployment.yaml"}, names...)...)
				}
				names, undos := []string{files[0].Name}, []string{files[0].UndoName}
				if engine == "kubernetes" { // the ConfigMap is first there
					names, undos = []string{files[1].Name, files[0].Name}, []string{files[1].UndoName, files[0].UndoName}
				}
				folder := filepath.Join(dir, "root")
				out := take(folder, names...)
				for want := range strings.FieldsSeq(tt.files) {
					if !strings.Contains(out, "file "+want+" ") {
						t.Errorf("%s is not there:\n%s", want, out)
					}
				}
				if tt.command != "" && !strings.Contains(out, "command "+tt.command+"\n") {
					t.Errorf("not the command %s:\n%s", tt.command, out)
				}
				if slices.Contains(tt.sets, "nginx:tcp_retries2=8") && !strings.Contains(out, "sysctl net.ipv4.tcp_keepalive_time=600 net.ipv4.tcp_retries2=8\n") {
					t.Errorf("not the sysctls:\n%s", out)
				}
				for at, text := range tt.own {
					realserver.File(t, folder, at, strings.ReplaceAll(text, "FOLDER", folder))
				}
				if strings.HasPrefix(tt.accept[0], "sshd") {
					runs(t, dir, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(folder, "key"))
				}
				if script := filepath.Join(folder, "docker-entrypoint.d/05-keeptune.sh"); strings.Contains(tt.files, ".sh") {
					text := strings.ReplaceAll(readFile(t, script), " /etc/nginx/", " "+folder+"/etc/nginx/")
					if err := os.Chmod(script, 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
						t.Fatal(err)
					}
					runs(t, dir, script)
				}
				var args []string
				for _, a := range tt.accept[1:] {
					args = append(args, strings.ReplaceAll(a, "FOLDER", folder))
				}
				printed := runs(t, dir, tt.accept[0], args...)
				if !strings.Contains(printed, strings.ReplaceAll(tt.says, "FOLDER", folder)) {
					t.Errorf("it does not say %q:\n%s", tt.says, printed)
				}
				if strings.Contains(printed, "keepalive_timeout  65") {
					t.Errorf("the image's own line is still there:\n%s", printed)
				}
				if undo := readFile(t, filepath.Join(dir, undos[0])); !strings.Contains(undo, "\nspec:") && !strings.Contains(undo, "\nservices:") {
					return // nothing was set before: the undo is comments
				}
				if out := take(filepath.Join(dir, "undone"), undos...); !strings.Contains(out, "file "+tt.undone+" ") {
					t.Errorf("the undo is without %s:\n%s", tt.undone, out)
				}
			})
		}
	}
}
