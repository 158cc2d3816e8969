package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"example.com/keeptune/ui/cli"
)

// A worker is a process that runs the commands of one script one after the other,
// each in the folder and the environment that the script has by then: to start a
// process costs more than most commands do. A command that is itself about its
// process is run by exec.
type worker struct {
	tb      testing.TB
	env     []string
	asks    *json.Encoder // nil until the first command
	answers *json.Decoder
}

// hired is the key of a script's worker.
type hired struct{}

// An order is a command for a worker, and an answer what came of it.
type (
	order struct {
		Args []string
		Dir  string
		Env  map[string]string
		In   []byte
	}
	answer struct {
		Code     int
		Out, Err []byte
	}
)

// workFor is the worker's end: it obeys until nothing more comes.
func workFor(in io.Reader, out io.Writer) error {
	asked, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var o order
		if err := asked.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		a, err := o.run()
		if err != nil {
			return err
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}

func (o *order) run() (answer, error) {
	if err := errors.Join(os.Chdir(o.Dir), os.Setenv("PWD", o.Dir)); err != nil {
		return answer{}, err
	}
	for name, value := range o.Env {
		if err := os.Setenv(name, value); err != nil {
			return answer{}, err
		}
	}
	var pipes [3][2]*os.File // as exec makes them
	for i := range pipes {
		r, w, err := os.Pipe()
		if err != nil {
			return answer{}, err
		}
		pipes[i] = [2]*os.File{r, w}
	}
	in, out, errs := pipes[0], pipes[1], pipes[2]
	var a answer
	var text [2]bytes.Buffer
	var copies sync.WaitGroup
	copies.Go(func() {
		_, _ = in[1].Write(o.In) // a command need not read it all
		_ = in[1].Close()
	})
	for i, p := range []*os.File{out[0], errs[0]} {
		copies.Go(func() {
			_, _ = text[i].ReadFrom(p)
			_ = p.Close()
		})
	}
	a.Code = cli.Main(o.Args, in[0], out[1], errs[1])
	for _, p := range []*os.File{in[0], out[1], errs[1]} {
		_ = p.Close()
	}
	copies.Wait()
	a.Out, a.Err = text[0].Bytes(), text[1].Bytes()
	return a, nil
}

// hire starts the process, which ends with the script.
func (w *worker) hire() error {
	cmd := exec.CommandContext(context.WithoutCancel(w.tb.Context()), "worker")
	cmd.Env, cmd.WaitDelay = w.env, time.Minute
	var errs bytes.Buffer // what the race detector finds, and panics
	cmd.Stderr = &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	w.tb.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil || errs.Len() > 0 {
			w.tb.Errorf("the worker of this script: %v\n%s", err, errs.String())
		}
	})
	w.asks, w.answers = json.NewEncoder(in), json.NewDecoder(out)
	return nil
}

// variables are those that a script may change between two commands.
var variables = []string{"KEEPTUNE_TOKEN", "KEEPTUNE_PASSWORD", "KEEPTUNE_CONFIG", "KEEPTUNE_FAIL_ON", "KEEPTUNE_FORMAT", "KEEPTUNE_FPS", "KEEPTUNE_REDACT"}

// do has the script's worker run keeptune. A last argument <FILE is its standard input.
func do(ts *testscript.TestScript, args []string) answer {
	w := ts.Value(hired{}).(*worker)
	if w.asks == nil {
		ts.Check(w.hire())
	}
	o := order{Args: args, Dir: ts.MkAbs("."), Env: map[string]string{}}
	for _, name := range variables {
		o.Env[name] = ts.Getenv(name)
	}
	if last := len(args) - 1; last >= 0 && strings.HasPrefix(args[last], "<") {
		o.Args, o.In = args[:last], []byte(ts.ReadFile(args[last][1:]))
	}
	var a answer
	ts.Check(w.asks.Encode(o))
	ts.Check(w.answers.Decode(&a))
	return a
}

// show makes an answer what the script asks about next.
func (a answer) show(ts *testscript.TestScript) {
	_, _ = ts.Stdout().Write(a.Out)
	_, _ = ts.Stderr().Write(a.Err)
}

// well ARG... wants keeptune to end well; ! well ARG... wants it not to.
func well(ts *testscript.TestScript, neg bool, args []string) {
	a := do(ts, args)
	a.show(ts)
	if (a.Code != 0) != neg {
		ts.Fatalf("exit code %d", a.Code)
	}
}
