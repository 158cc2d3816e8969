package ui

import (
	"reflect"
	"slices"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/ui/contract"
)

// TestConfigurationOnTheScreen opens configurations of one context and of two:
// which is meant is asked, what was not used can be read, and undo takes it back.
func TestConfigurationOnTheScreen(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 80, 24)
	laying := func(label, idle string) contract.Alternative {
		doc, err := d.app.s.Document().Assign(model.Embedded(), "server:keepalive_timeout="+idle)
		if err != nil {
			t.Fatal(err)
		}
		return contract.Alternative{Label: label, Leads: idle + " RACE", Document: doc}
	}
	unused := []native.Line{{File: "nginx.conf", Line: 14, Text: "lingering_timeout 3s;", Why: "keeptune has no setting for it"}}
	d.fake.configs = map[string]contract.Imported{
		"one.conf": {File: "one.conf", Alternatives: []contract.Alternative{laying("", "33s")}},
		"two.conf": {File: "two.conf", Alternatives: []contract.Alternative{laying("nginx: server a", "7s"), laying("nginx: server b", "44s")}, Unused: unused},
	}
	run := func(line string) { d.press(":", line[1:], "Enter") }
	run(":import one.conf")
	d.shows("read one.conf")
	d.shows("33 s")
	run(":unused")
	d.shows("no line of a configuration was left unused")
	run(":import two.conf")
	d.shows("which part of two.conf?")
	d.shows("nginx: server a")
	d.shows("7s RACE")
	d.press("Down", "Enter")
	d.shows("44 s")
	d.shows("1 line was not used (:unused shows it)")
	run(":unused")
	d.shows("nginx.conf:14: lingering_timeout 3s;")
	d.shows("keeptune has no setting for it")
	d.press("q")
	d.press("u")
	d.shows("33 s")
	run(":import none.conf")
	d.shows("none.conf")
}

// TestWritingBackOnTheScreen changes what a configuration says and writes it back:
// the difference is shown, nothing is written before the yes, and undo past the
// import leaves nothing to write.
func TestWritingBackOnTheScreen(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 80, 24)
	doc, err := d.app.s.Document().Assign(model.Embedded(), "server:keepalive_timeout=33s")
	if err != nil {
		t.Fatal(err)
	}
	d.fake.configs = map[string]contract.Imported{"one.conf": {File: "one.conf", Alternatives: []contract.Alternative{{Document: doc}}}}
	d.fake.patch = contract.Patch{
		Files: []contract.Patched{{Path: "/etc/one.conf", Diff: "--- a\n+++ b\n-keepalive_timeout 33s;\n+keepalive_timeout 44s;\n"}},
		Also:  []string{"server b"}, Left: []string{"linux tcp_keepalive_time 5 m: no file of linux was opened"},
	}
	d.press(":", "write", "Enter").shows("! no configuration was opened")
	d.press(":", "open one.conf", "Enter").shows("read one.conf", "33 s")
	d.press("Enter", "44s", "Enter", "w").shows("What is to be written?", "back into one.conf").lacks("takes it back").press("Enter")
	d.shows("Write back into one.conf?", "-keepalive_timeout 33s;", "+keepalive_timeout 44s;", "in force for server b", "Not written: linux tcp_keepalive_time 5 m")
	d.press("n")
	if len(d.fake.written) > 0 {
		t.Fatalf("written without a yes: %v", d.fake.written)
	}
	d.press(":", "write", "Enter", "y").shows("wrote to /etc: one.conf").lacks("unsaved")
	d.press("w", "Down", "Enter").shows("save as: ")
	d.press("Esc", "u", "u", ":", "write", "Enter").shows("! undo took one.conf out of this session")
}

// TestWhatIsBehindIsAsked where a configuration says how a hop speaks to its servers and
// the path ends there; the longer path is read over the same contexts.
func TestWhatIsBehindIsAsked(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 80, 24)
	d.fake.configs = map[string]contract.Imported{"one.conf": {File: "one.conf", Beyond: "nginx", Alternatives: []contract.Alternative{{Where: []string{"server a"}, Document: d.app.s.Document()}}}}
	d.press(":", "open one.conf", "Enter").shows("What is behind nginx?", "only what clients of nginx see").press("Enter").shows("which server?").lacks("chrome ")
	d.fake.configs["one.conf"] = contract.Imported{File: "one.conf", Alternatives: []contract.Alternative{{}}}
	d.press("node 22", "Enter").shows("read one.conf").lacks("unsaved")
	if x := d.app.opened.from; x.Path != "chrome > nginx@1.30.0 > node@22" {
		t.Errorf("read over %q", x.Path)
	}
	if d.fake.asked.Path != "chrome > nginx@1.30.0 > node@22" || !slices.Equal(d.fake.asked.Where, []string{"server a"}) {
		t.Errorf("asked for %+v", d.fake.asked)
	}
}

// TestQuittingOffersTheFile writes back on the way out.
func TestQuittingOffersTheFile(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 80, 24)
	d.fake.configs = map[string]contract.Imported{"one.conf": {File: "one.conf", Alternatives: []contract.Alternative{{Document: d.app.s.Document()}}}}
	d.fake.patch = contract.Patch{Files: []contract.Patched{{Path: "/etc/one.conf", Diff: "-a\n+b\n"}}}
	d.press(":", "open one.conf", "Enter", "+", "q").shows("Quit without saving?").press("w").shows("What is to be written?").press("Enter", "y")
	if !d.quit || len(d.fake.written) != 1 {
		t.Errorf("left: %v, written: %v", d.quit, d.fake.written)
	}
}

// TestWhatIsNotSaidIsAsked answers a question by going on with what was chosen.
func TestWhatIsNotSaidIsAsked(t *testing.T) {
	d := sit(t, "curl > nginx@1.30.0", 80, 24)
	d.fake.configs = map[string]contract.Imported{"sysctl.conf": {File: "sysctl.conf", Alternatives: []contract.Alternative{{}}}}
	d.fake.ask = func(x contract.ImportFile) *contract.Question {
		client, server := x, x
		client.End, server.End = "curl", "nginx"
		return &contract.Question{Title: "Whose file is it?", Text: "sysctl.conf sets values of Linux, which several hops have.", Answers: []contract.Answer{{Label: "curl", Then: client}, {Label: "nginx", Then: server}}}
	}
	d.press(":", "open sysctl.conf", "Enter").shows("Whose file is it?", "> curl").press("Down", "Enter").shows("read sysctl.conf")
	if got := d.app.opened.from.End; got != "nginx" {
		t.Errorf("taken as that of %q", got)
	}
}

func TestCommandsComplete(t *testing.T) {
	d := sit(t, "chrome > firewall > nginx@1.30.0 > node@22", 80, 24)
	d.fake.names = []string{"/etc/nginx/", "/etc/nginx.conf", "/etc/my file.conf"}
	for typed, want := range map[string]string{
		"set node:keepAliveT":           "set node:keepAliveTimeout=",
		"set firewall:id":               "set firewall:idle_timeout=",
		"set leg2:r":                    "set leg2:rtt=",
		"client chro":                   "client chrome",
		"server nginx@1.3":              "server nginx@1.30.0",
		"server nginx/wind":             "server nginx/windows",
		"server nginx/windows@x":        "server nginx/windows@xp",
		"path chrome > ha":              "path chrome > haproxy",
		"path chrome -> nginx@1.30.0/l": "path chrome -> nginx@1.30.0/linux",
		"os node windows@v":             "os node windows@vista",
		"os ser":                        "os server",
		"export sysc":                   "export sysctl",
		"open /etc/nginx.":              "open /etc/nginx.conf",
		"import /etc/my":                `import /etc/my\ file.conf`,
		"import a.conf --as hap":        "import a.conf --as haproxy",
		"import a.conf --end no":        "import a.conf --end node",
		"import a.conf fire":            "import a.conf firewall",
		"open a.conf --wh":              "open a.conf --where ",
		"save /etc/nginx/":              "save /etc/nginx/",
		"wri":                           "write ",
	} {
		if got := d.app.completions(typed); !slices.Contains(got, want) {
			t.Errorf("%q: %q, want %q among them", typed, got, want)
		}
	}
	x, wrong := files(`a.conf 'my file' b\ c --as nginx --where='server a' --where "server b" --end node`)
	if want := (contract.ImportFile{Paths: []string{"a.conf", "my file", "b c"}, As: "nginx", End: "node", Where: []string{"server a", "server b"}}); wrong != "" || !reflect.DeepEqual(x, want) {
		t.Errorf("%+v %s, want %+v", x, wrong, want)
	}
	for _, bad := range []string{"a --as", "a --whom b"} {
		if _, wrong := files(bad); wrong == "" {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestTheOperatingSystemIsChosen stands under each end, with its version; what is set of
// the product stays, what was set of the other system goes.
func TestTheOperatingSystemIsChosen(t *testing.T) {
	d := sit(t, "putty > sshd", 80, 24)
	d.press(":", "set server:ClientAliveInterval=30s", "Enter", ":", "set server:tcp_keepalive_time=5m", "Enter")
	d.press("S").shows("which system under sshd?", "> linux", "version 4 of 9").press("freebsd", "Enter", "Enter").shows("FreeBSD", "30 s*typed")
	d.press("C", "win7", "Enter").shows("Windows 7").press("u").shows("Windows 11").press(":", "os client winxp", "Enter").shows("Windows xp")
	d.press(":", "os server nginx", "Enter").shows("! nginx is not an operating system")
	d.press("c", "curl 7.88", "Enter").shows("curl 7.88.1")
	d.press("s", "nginx 1.29.3").shows("nginx 1.29.3 is not known; it lies between 1.28.0 and 1.29.7")
	d.press("Enter").shows("nginx 1.29.3?, Linux", "nginx 1.29.3 is not known; it lies between 1.28.0 and 1.29.7")
}

// TestTheTargetIsOnTheFirstScreen at every size that has room for it.
func TestTheTargetIsOnTheFirstScreen(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24).shows("t tests the built-in server ? help")
	d.press("T").shows("live test of: ", "nothing is the built-in server").press("http://10.0.0.7:8080/app", "Enter").shows("unsaved t tests http://10.0.0.7:8080/app")
	d = sit(t, "chrome > aws-alb > nginx > node@22", 80, 24).shows("is worse: RACE").shows("t tests the built-in server")
	d.press(":", "target https://a-very-long-name-of-a-server.example.internal:8443/health/check?x=1", "Enter").shows("t tests https://a-v")
}
