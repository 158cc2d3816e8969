package cli

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
)

// copied is a folder with configurations, and the effects that open them.
func copied(t *testing.T) (*effects, string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"nginx.conf":        "http {\n    keepalive_timeout 65;\n    upstream api { server 127.0.0.1:3000; keepalive 8; }\n    include sites-enabled/*;\n}\n",
		"sites-available/a": "server {\n    listen 80;\n    server_name a;\n    keepalive_timeout 20s;\n    location / { proxy_pass http://api; }\n}\n",
		"sites-enabled/b":   "server {\n    listen 80;\n    server_name b;\n    keepalive_timeout 7s;\n}\n",
		"haproxy.cfg":       "defaults\n    mode http\n    timeout client 50s\n    timeout server 50s\n    timeout http-keep-alive 10s\nfrontend web\n    bind :80\n",
		"sysctl.conf":       "net.ipv4.tcp_keepalive_time = 600\n",
		"session.toml":      "schema = \"keeptune.session/1\"\n[[endpoint]]\nsystem = \"chrome\"\n[[endpoint]]\nsystem = \"haproxy\"\n",
		"riddle.conf":       "hello = world\n",
		"postgresql.conf":   "max_connections = 100\ntcp_keepalives_idle = 60\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../sites-available/a", filepath.Join(dir, "sites-enabled/a")); err != nil {
		if runtime.GOOS == "windows" && os.Getenv("KEEPTUNE_REQUIRE_REAL") != "1" {
			t.Skip("links take a privilege here: ", err)
		}
		t.Fatal(err)
	}
	return &effects{app: &app{catalog: model.Embedded()}}, dir
}

func on(t *testing.T, path string) model.Document {
	t.Helper()
	p, err := model.ParsePath(path, model.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	return model.Document{Path: p}
}

// TestOpeningFindsThePath takes the path from the files where the present one has none of
// them, and asks what they do not say.
func TestOpeningFindsThePath(t *testing.T) {
	e, dir := copied(t)
	for _, tt := range []struct {
		over, files, flags string
		path, asks         string // or
		answers            []string
	}{
		{over: "ie@11 > apache", files: "haproxy.cfg sysctl.conf", path: "chrome > haproxy"},
		{over: "ie@11 > apache", files: "sysctl.conf haproxy.cfg", path: "chrome > haproxy"},
		{over: "curl > nginx > node", files: "nginx.conf", path: "curl > nginx > node"},
		{over: "ie@11 > apache", files: "postgresql.conf", path: "libpq > postgresql"},
		{over: "ie@11 > apache", files: "session.toml haproxy.cfg", path: "chrome > haproxy"},
		{over: "ie@11 > apache", files: "nginx.conf haproxy.cfg", asks: "Which stands in front?", answers: []string{"chrome > nginx > haproxy", "chrome > haproxy > nginx"}},
		{over: "curl > nginx", files: "sysctl.conf", asks: "Whose file is it?", answers: []string{"curl", "nginx"}},
		{over: "curl > nginx", files: "riddle.conf", asks: "Which format is it?", answers: []string{"nginx"}},
	} {
		x := contract.ImportFile{Open: true}
		for f := range strings.FieldsSeq(tt.files) {
			x.Paths = append(x.Paths, filepath.Join(dir, f))
		}
		im, err := e.Import(x, on(t, tt.over))
		q, asked := errors.AsType[*contract.Question](err)
		switch {
		case asked:
			var labels []string
			for _, a := range q.Answers {
				labels = append(labels, a.Label)
			}
			for _, want := range tt.answers {
				if !slices.Contains(labels, want) {
					t.Errorf("%s: the answers are %q, without %q", tt.files, labels, want)
				}
			}
			if q.Title != tt.asks {
				t.Errorf("%s: asks %q, want %q", tt.files, q.Title, tt.asks)
			}
			if _, err := e.Import(q.Answers[0].Then, on(t, tt.over)); tt.asks != "Which format is it?" && err != nil {
				t.Errorf("%s: the first answer leads to %v", tt.files, err)
			}
		case err != nil:
			t.Errorf("%s: %v", tt.files, err)
		case tt.asks != "":
			t.Errorf("%s: nothing is asked", tt.files)
		case im.Alternatives[0].Document.Path.String() != tt.path:
			t.Errorf("%s: the path is %s, want %s", tt.files, im.Alternatives[0].Document.Path, tt.path)
		}
	}
	if _, err := e.Import(contract.ImportFile{Paths: []string{filepath.Join(dir, "haproxy.cfg"), filepath.Join(dir, "postgresql.conf")}, Open: true}, on(t, "ie > iis")); err == nil || !strings.Contains(err.Error(), "different protocols") {
		t.Errorf("two protocols on one path: %v", err)
	}
	im, err := e.Import(contract.ImportFile{Paths: []string{filepath.Join(dir, "nginx.conf")}, Open: true}, on(t, "ie > iis"))
	if err != nil || im.Beyond != "nginx" {
		t.Errorf("what nginx does towards its servers is not told: %q, %v", im.Beyond, err)
	}
}

// TestWritingBackTouchesWhatItMust: an included file behind a link is written where it
// lies, its copy is one that the include passes over, and what changed meanwhile is left.
func TestWritingBackTouchesWhatItMust(t *testing.T) {
	e, dir := copied(t)
	im, err := e.Import(contract.ImportFile{Paths: []string{filepath.Join(dir, "nginx.conf"), filepath.Join(dir, "sysctl.conf")}, Open: true}, on(t, "ie > iis"))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(im.Alternatives, func(w contract.Alternative) bool { return strings.Contains(w.Label, "server a") })
	if i < 0 {
		t.Fatalf("no way is that of server a: %+v", im.Alternatives)
	}
	chosen, from := im.Alternatives[i], im.From
	from.Where = chosen.Where
	after, err := chosen.Document.Assign(model.Embedded(), "server:keepalive_timeout=75s", "server:tcp_keepalive_time=5m")
	if err != nil {
		t.Fatal(err)
	}
	patch, err := e.Patch(from, chosen.Document, after)
	if err != nil || len(patch.Files) != 2 {
		t.Fatalf("%d files, %v", len(patch.Files), err)
	}
	written, err := e.CommitBack(patch)
	if err != nil || len(written) != 4 {
		t.Fatalf("%q, %v", written, err)
	}
	for name, want := range map[string]string{
		"sites-available/a": "keepalive_timeout 75s;", "sites-available/.a.bak": "keepalive_timeout 20s;",
		"sysctl.conf": "net.ipv4.tcp_keepalive_time = 300\n", "sysctl.conf.bak": "net.ipv4.tcp_keepalive_time = 600\n",
	} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %q, %v; want %q in it", name, data, err, want)
		}
	}
	if to, err := os.Readlink(filepath.Join(dir, "sites-enabled/a")); err != nil || to != "../sites-available/a" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if st, err := os.Stat(filepath.Join(dir, "sites-available/a")); err != nil || st.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v, %v", st.Mode(), err)
	}

	again, err := e.Patch(from, chosen.Document, after)
	if err != nil || len(again.Files) != 0 || len(again.Left) != 0 {
		t.Errorf("what was written is to be written again: %+v, %v", again, err)
	}
	if _, err := e.CommitBack(patch); err == nil || !strings.Contains(err.Error(), "was changed meanwhile, so nothing was written") {
		t.Errorf("a file that changed meanwhile: %v", err)
	}
}

// TestWritingBackStaysInTheFolder: a link of a copy that leads to a file of this machine
// is not written through, unless it was opened by its own name.
func TestWritingBackStaysInTheFolder(t *testing.T) {
	e, dir := copied(t)
	elsewhere := filepath.Join(t.TempDir(), "c")
	if err := os.WriteFile(elsewhere, []byte("server {\n    listen 80;\n    server_name c;\n    keepalive_timeout 9s;\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "sites-enabled/c")
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Fatal(err)
	}
	patch := func(file, where string) (contract.Patch, error) {
		im, err := e.Import(contract.ImportFile{Paths: []string{file}, Where: []string{where}, Open: true}, on(t, "ie > iis"))
		if err != nil {
			t.Fatal(err)
		}
		after, err := im.Alternatives[0].Document.Assign(model.Embedded(), "server:keepalive_timeout=75s")
		if err != nil {
			t.Fatal(err)
		}
		return e.Patch(im.From, im.Alternatives[0].Document, after)
	}
	if _, err := patch(filepath.Join(dir, "nginx.conf"), "server c"); err == nil || !strings.Contains(err.Error(), "is a link to "+elsewhere) {
		t.Errorf("a link out of the folder: %v", err)
	}
	if p, err := patch(filepath.Join(dir, "nginx.conf"), "server a"); err != nil || p.Files[0].Path != filepath.Join(dir, "sites-available/a") {
		t.Errorf("a link within the folder: %+v, %v", p.Files, err)
	}
}

func TestNamesAreCompleted(t *testing.T) {
	e, dir := copied(t)
	for begin, want := range map[string][]string{
		dir + "/s":     {dir + "/session.toml", dir + "/sites-available/", dir + "/sites-enabled/", dir + "/sysctl.conf"},
		dir + "/nginx": {dir + "/nginx.conf"}, dir + "/none/": nil, dir + "/sites-enabled/": {dir + "/sites-enabled/a", dir + "/sites-enabled/b"},
	} {
		if got := e.Names(begin); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", begin, got, want)
		}
	}
}
