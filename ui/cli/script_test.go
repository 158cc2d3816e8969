package cli_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"log"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/scripted"
	"example.com/keeptune/tuning/trace/packets"
	"example.com/keeptune/tuning/trial"
	"example.com/keeptune/ui/cli"
	"example.com/keeptune/ui/cli/wire"
	"example.com/keeptune/ui/internal/prose"
	"example.com/keeptune/ui/internal/screen"
)

var update = flag.Bool("update", false, "write the goldens of the scripts again")

// cleaned runs the tests and removes the binary that they built.
type cleaned struct{ m *testing.M }

func (c cleaned) Run() int {
	code := c.m.Run()
	if err := screen.Clean(); err != nil {
		log.Print(err)
		code = max(code, 1)
	}
	return code
}

func TestMain(m *testing.M) {
	if code, inside := trial.Inside(trial.OwnKinds()); inside {
		os.Exit(code)
	}
	testscript.Main(cleaned{m}, map[string]func(){
		"keeptune": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"worker": func() {
			answers := os.Stdout
			os.Stdout = os.Stderr // where no command may write
			if err := workFor(os.Stdin, answers); err != nil {
				log.Fatal(err)
			}
		},
	})
}

// The scripts run the command line as a user does, good input and bad.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			for _, kind := range []string{"CONFIG", "STATE", "DATA"} {
				e.Setenv("XDG_"+kind+"_HOME", e.WorkDir+"/."+strings.ToLower(kind))
			}
			e.Setenv("TERM", "xterm")
			e.Setenv("TZ", "UTC")
			e.Setenv("GORACE", "atexit_sleep_ms=0") // else a second for each command
			e.Values[hired{}] = &worker{tb: e.T().(testing.TB), env: e.Vars}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond != "root" {
				return false, errors.New("no such condition")
			}
			return os.Getuid() == 0, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serve, "valid": valid, "code": code, "sentence": sentence, "noescape": noEscape, "columns": columns,
			"free": free, "up": up, "well": well, "packets": captureOf,
		},
	})
}

// serve NAME starts the scripted server of that name and sets $ADDR: demo,
// quick (idle 300 ms), ticking (idle 600 ms, in steps of 1.1 s), or one of the hostile ones; serve NAME PATH does on a unix socket.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: serve demo|quick|off|NAME [PATH]")
	}
	script := scripted.Script{Hostile: args[0]}
	switch args[0] {
	case "quick":
		script = scripted.Script{
			Idle: 300 * time.Millisecond, Hint: scripted.Always, HintTimeout: time.Second, HintMax: true, Requests: 20, BeforeRequest: 300 * time.Millisecond,
		}
	case "ticking":
		script = scripted.Script{Idle: 600 * time.Millisecond, Step: 1100 * time.Millisecond}
	case "forbidden":
		script = scripted.Script{Status: 403}
	}
	if len(args) == 2 {
		l, err := new(net.ListenConfig).Listen(context.Background(), "unix", args[1])
		ts.Check(err)
		ctx, cancel := context.WithCancel(context.Background())
		ts.Defer(cancel)
		scripted.On(ctx, l, script)
		return
	}
	addr, stop, err := scripted.Listen(context.Background(), script)
	ts.Check(err)
	ts.Defer(stop)
	ts.Setenv("ADDR", addr)
}

// packets SCRIPT FILE writes the packets of a script as a capture.
func captureOf(ts *testscript.TestScript, _ bool, args []string) {
	all, err := packets.Parse(ts.ReadFile(args[0]))
	ts.Check(err)
	data, err := packets.Pcap(all)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o600))
}

// free sets $FREE to a loopback address on which nobody listens.
func free(ts *testscript.TestScript, _ bool, _ []string) {
	port, release, err := realserver.HoldPort()
	ts.Check(err)
	ts.Defer(release)
	ts.Setenv("FREE", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

// up ADDR waits until somebody listens there.
func up(ts *testscript.TestScript, _ bool, args []string) {
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		c, err := new(net.Dialer).DialContext(context.Background(), "tcp", args[0])
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(end) {
			ts.Check(err)
		}
	}
}

// valid SCHEMA validates the standard output of the last command.
func valid(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: valid SCHEMA")
	}
	ts.Check(validate(args[0], ts.ReadFile("stdout")))
}

func validate(name, text string) error {
	compiled, err := schemas(name)
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return compiled.Validate(v)
}

// schemas compiles a schema of the wire formats when it is first asked for.
var schemas = func() func(name string) (*jsonschema.Schema, error) {
	var mu sync.Mutex
	compiled := map[string]*jsonschema.Schema{}
	return func(name string) (*jsonschema.Schema, error) {
		mu.Lock()
		defer mu.Unlock()
		if s := compiled[name]; s != nil {
			return s, nil
		}
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(wire.Schemas()[name]))
		if err != nil {
			return nil, err
		}
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		if err := c.AddResource("schema.json", schema); err != nil {
			return nil, err
		}
		compiled[name], err = c.Compile("schema.json")
		return compiled[name], err
	}
}()

// starved is what a test of a server says that a busy machine did not let run.
const starved = "the test itself did not run for"

// code N ARG... runs keeptune and wants that exit code.
func code(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if neg || err != nil {
		ts.Fatalf("usage: code N ARG...")
	}
	a := do(ts, args[1:])
	for again := 0; again < 10 && a.Code == 4 && strings.Contains(string(a.Out)+string(a.Err), starved); again++ {
		a = do(ts, args[1:])
	}
	a.show(ts)
	if a.Code != want {
		ts.Fatalf("exit code %d, want %d", a.Code, want)
	}
	for line := range strings.Lines(ts.ReadFile("stderr")) {
		if faults := prose.Faults(quoted.ReplaceAllString(strings.TrimSpace(line), "NAME")); len(faults) > 0 {
			ts.Fatalf("%q: %s", line, strings.Join(faults, "; "))
		}
	}
}

// quoted is what an error repeats of what was typed.
var quoted = regexp.MustCompile(`"[^"]*"`)

// sentence wants the standard error of the last command to be one line that
// begins with the program's name and holds each text.
func sentence(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile("stderr")
	if neg || !strings.HasPrefix(text, "keeptune") || strings.Count(text, "\n") != 1 {
		ts.Fatalf("not one sentence: %q", text)
	}
	for _, a := range args {
		if !strings.Contains(text, a) {
			ts.Fatalf("%q does not say %q", text, a)
		}
	}
}

// noescape wants nothing on either output that a terminal would obey.
func noEscape(ts *testscript.TestScript, _ bool, _ []string) {
	for _, name := range []string{"stdout", "stderr"} {
		for _, r := range ts.ReadFile(name) {
			if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == '\u202e' {
				ts.Fatalf("%s holds %q", name, r)
			}
		}
	}
}

// columns N wants no line of the standard output to be longer.
func columns(ts *testscript.TestScript, _ bool, args []string) {
	limit, err := strconv.Atoi(args[0])
	ts.Check(err)
	for l := range strings.Lines(ts.ReadFile("stdout")) {
		if n := len([]rune(strings.TrimRight(l, "\n"))); n > limit {
			ts.Fatalf("%d columns: %q", n, l)
		}
	}
}
