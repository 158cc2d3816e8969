package native_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
)

// largeNginx is a configuration of so many lines: servers with locations that
// send to groups of their own.
func largeNginx(lines int) string {
	var b strings.Builder
	b.WriteString("events { }\nhttp {\nproxy_http_version 1.1;\nproxy_set_header Connection \"\";\n")
	n := 4
	for i := 0; n < lines-20; i++ {
		fmt.Fprintf(&b, "upstream app%d {\n    server 127.0.0.1:%d;\n    keepalive 16;\n    keepalive_timeout 50s;\n}\n", i, 1024+i%60000)
		fmt.Fprintf(&b, "server {\n    listen 127.0.0.1:8080;\n    server_name app%d.example www.app%d.example;\n    keepalive_timeout %ds;\n", i, i, 10+i%60)
		n += 9
		for j := range 6 {
			fmt.Fprintf(&b, "    location /part%d {\n        # where requests of part %d go\n        proxy_read_timeout %ds;\n        proxy_pass http://app%d;\n    }\n", j, j, 30+j, i)
			n += 5
		}
		b.WriteString("}\n")
		n++
	}
	b.WriteString("}\n")
	return b.String()
}

// BenchmarkImportNginxDump is the import of 20,000 lines of nginx -T, and how
// many times as long it takes as nginx -t takes to read them.
func BenchmarkImportNginxDump(b *testing.B) {
	conf := largeNginx(20_000)
	dump := []byte("# configuration file /etc/nginx/nginx.conf:\n" + conf)
	c := model.Embedded()
	f := format(b, "nginx")
	b.ReportAllocs()
	for b.Loop() {
		if im, err := f.Parse("dump", dump, c); err != nil || len(im.Contexts) < 1000 {
			b.Fatal(len(im.Contexts), err)
		}
	}
	ours := b.Elapsed() / time.Duration(b.N)
	if theirs := nginxReads(b, conf); theirs > 0 {
		b.ReportMetric(float64(ours)/float64(theirs), "x-nginx-t")
	}
}

// nginxReads is how long nginx -t takes at best, and 0 where there is none.
func nginxReads(b *testing.B, conf string) time.Duration {
	b.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		return 0
	}
	dir := b.TempDir()
	main := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(main, []byte("pid "+dir+"/pid; error_log stderr;\n"+strings.Replace(conf, "http {", "http { access_log off;", 1)), 0o600); err != nil {
		b.Fatal(err)
	}
	best := time.Duration(0)
	for range 10 {
		begin := time.Now()
		if out, err := exec.CommandContext(b.Context(), program, "-t", "-e", "stderr", "-p", dir, "-c", main).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		if took := time.Since(begin); best == 0 || took < best {
			best = took
		}
	}
	return best
}
