package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
	"example.com/keeptune/tuning/store"
	"example.com/keeptune/ui/cli/wire"
	keepterm "example.com/keeptune/ui/term"
)

// A tested is everything that keeptune probe prints.
type tested struct {
	result   livetest.Result
	started  *time.Time
	zone     *time.Location
	promise  promise
	findings []tuning.Finding
	expected []wire.Expected
	// chartless leaves out what is drawn.
	chartless bool
}

var probeFormats = map[string]func(io.Writer, tested) error{
	"text": probeText, "json": probeJSON, "jsonl": nil, "csv": probeCSV, "markdown": probeMarkdown, "svg": probeSVG,
}

func (a *app) probe() *cobra.Command {
	var f probeFlags
	cmd := &cobra.Command{
		Use:   "probe [URL|HOST:PORT|unix:/PATH]",
		Short: "Measure a server: idle timeout, request limit, hint",
		Long: `probe opens a few connections to a server and watches what it does with them:
when an idle one is closed and how, before a request and after one, how many
requests one connection is given, and what the Keep-Alive header promises. It
is polite: few connections, a User-Agent that names it, and it stops when the
server says 429, 403 or 503 with Retry-After. unix:/PATH is a unix socket,
unix:/PATH:/URI asks it for that. Without a target it tests a built-in server on
loopback.

Of what speaks no HTTP the target's scheme says how it is spoken to: redis,
memcached, mysql, postgres, amqp, mqtt, nats, ldap, ssh (before the login), ws
and grpc (without TLS); tcp says nothing at all. mysql://USER@HOST and
postgres://USER@HOST/DATABASE log in, with the password of KEEPTUNE_PASSWORD;
amqp://HOST/?heartbeat=10 and mqtt://HOST/?keepalive=10 name those seconds. No
ping is answered there: what is seen is how long a client that is gone is kept.

Where connections that began apart end at one moment, the server looks at its
clock in steps; a second round, spread over up to half a minute (--spread),
finds how long they are, and its price in time is told before it begins.

A target that is not this machine is tested only with --yes, or after a
question where there is a terminal. With --server or --path the measured idle
timeout is held against the configured one; where they differ that is finding
EFF-1, and the exit code is 1 unless --fail-on says otherwise. --expect holds
what is measured against conditions: idle and before-request (how long silence
is kept), close (fin, rst, …), requests (on one connection), hint (the timeout
that is promised) and status; one that is not met, or not measured, ends with
1. --format jsonl prints the events as they come, which is what --record keeps
and --replay reads.

` + exitByTest,
		Example: `  keeptune probe http://127.0.0.1:8080/
  keeptune probe https://example.org --yes --idle-limit 3m --record run.jsonl
  keeptune probe 127.0.0.1:80 --expect 'idle>=60s,close=fin' --fail-on never
  keeptune probe --replay run.jsonl --ui
  keeptune probe redis://127.0.0.1 --server redis --set timeout=5m
  keeptune probe 127.0.0.1:80 --server apache@2.4.62 --format json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				f.target = args[0]
			}
			if f.ui {
				return a.showReplay(cmd.Context(), &f)
			}
			return a.runProbe(cmd, &f)
		},
	}
	f.flags(cmd)
	complete(cmd, "format", slices.Sorted(keys(probeFormats))...)
	return cmd
}

// runProbe tests, or replays a recording, and prints.
func (a *app) runProbe(cmd *cobra.Command, f *probeFlags) error {
	if _, ok := probeFormats[f.format]; !ok {
		return choose(f.format, probeFormats, func(func(io.Writer, tested) error) error { return nil })
	}
	fail, err := parseFailOn(f.failOn)
	if err != nil {
		return err
	}
	wants, err := parseExpect(f.expect)
	if err != nil {
		return err
	}
	promise, err := a.promised(f)
	if err != nil {
		return err
	}
	f.step = promise.step
	rec, err := newRecording(f.record, f.force, a.redactedFile)
	if err != nil {
		return err
	}
	t := tested{zone: a.global.zone}
	var summary livetest.Summary
	stream := run.NewRecorder(a.out)
	show := a.progress()
	emit := func(e livetest.Event) {
		if e.Spec != nil {
			a.redact.Given(e.Spec.Target.String())
		}
		a.redact.Given(e.Server)
		if t.started == nil {
			t.started = &e.Wall
		}
		summary.Add(e)
		rec.add(e)
		show(e)
		if f.format == "jsonl" {
			stream.Record(e)
		}
	}
	if f.replay != "" {
		err = a.replay(f.replay, emit)
	} else {
		err = a.test(cmd, f, emit)
	}
	if t.started == nil {
		return errors.Join(err, rec.drop())
	}
	t.result = summary.Result()
	t.promise = promise
	t.findings = promise.findings(t.result)
	t.result.Verdicts = append(t.result.Verdicts, promise.against(t.result)...)
	if f.replay != "" && err == nil && t.result.Outcome != livetest.OutcomeMeasured {
		code := exitInconclusive
		if t.result.Unreached || t.result.TCP.Connect == nil {
			code = exitUnreachable
		}
		err = &exit{code: code, err: fmt.Errorf("the recorded test is %s: %s", cmp.Or(t.result.Outcome, livetest.OutcomeInconclusive), cmp.Or(t.result.Reason, "the recording ends before the test did"))}
	}
	t.expected = expected(wants, t.result)
	if print := probeFormats[f.format]; print != nil {
		err = errors.Join(err, print(a.out, t))
	} else {
		err = errors.Join(err, stream.Err())
	}
	if err == nil {
		err = t.verdict(fail)
	}
	return errors.Join(err, rec.keep())
}

// verdict is the exit code of a test that was measured: 1 where a finding is as
// severe as --fail-on says, or an expectation is not met.
func (t tested) verdict(fail tuning.Severity) error {
	for _, e := range t.expected {
		switch {
		case e.Met:
		case e.Measured == nil:
			return &exit{code: exitFindings, err: fmt.Errorf("%s was expected and is not measured", e.Text)}
		default:
			return &exit{code: exitFindings, err: fmt.Errorf("%s was expected, measured is %s", e.Text, *e.Measured)}
		}
	}
	if fails(t.findings, fail) {
		return &exit{code: exitFindings}
	}
	return nil
}

// test runs the live test itself, ended by a signal if need be.
func (a *app) test(cmd *cobra.Command, f *probeFlags, emit func(livetest.Event)) error {
	watch := keepterm.NewWatch(cmd.Context())
	defer watch.Stop()
	ctx := watch.Context()
	target := f.target
	if target == "" && f.parts.unix != "" {
		target = "http://localhost/" // and --unix says where that is
	}
	if target == "" {
		addr, stop, err := scripted.Listen(ctx, scripted.Demo())
		if err != nil {
			return fmt.Errorf("the built-in server does not start: %w", err)
		}
		defer stop()
		target = "http://" + addr + "/"
		_, _ = fmt.Fprintln(a.errs, "keeptune probe: no target given, testing the built-in server")
	}
	spec, err := f.spec(cmd, target)
	if err != nil {
		return err
	}
	if err := a.consent(ctx, spec, f.yes); watch.ExitCode() != 0 {
		return &exit{code: watch.ExitCode(), err: errors.New("cancelled before the test")}
	} else if err != nil {
		return err
	}
	err = run.Run(ctx, spec, emit)
	if code := watch.ExitCode(); code != 0 {
		return &exit{code: code, err: errors.New("the test was cancelled; what was measured until then is printed")}
	}
	return err
}

// consent asks before another machine is tested.
func (a *app) consent(ctx context.Context, spec livetest.Spec, yes bool) error {
	if yes || !run.NeedsConsent(ctx, spec) {
		return nil
	}
	what := fmt.Sprintf("%s is not this machine: the test opens up to %d connections to it for up to %s",
		model.Clean(spec.Target.Address(), 120), spec.AllSockets(), model.HumanSpan(spec.Longest()+spec.SecondRound()))
	if !term.IsTerminal(a.in.Fd()) || !term.IsTerminal(a.errsFile.Fd()) {
		return fmt.Errorf("%s; --yes says that you may", what)
	}
	_, _ = fmt.Fprintf(a.errs, "%s. May you? [y/N] ", what)
	// A read of a terminal cannot be cut short: a signal leaves it behind.
	answer := make(chan bool, 1)
	go func() { answer <- answerYes(a.in) }()
	select {
	case <-ctx.Done():
		_, _ = fmt.Fprintln(a.errs)
		return ctx.Err()
	case yes := <-answer:
		if !yes {
			return errors.New("not tested: you may say yes, or give --yes")
		}
	}
	return nil
}

// answerYes reads one line.
func answerYes(in *os.File) bool {
	var line []byte
	b := make([]byte, 1)
	for len(line) < 100 {
		n, err := in.Read(b)
		if n == 0 || err != nil || b[0] == '\n' {
			break
		}
		line = append(line, b[0])
	}
	switch strings.ToLower(strings.TrimSpace(string(line))) {
	case "y", "yes":
		return true
	}
	return false
}

// replay emits a recording, from a file or from standard input for "-".
func (a *app) replay(file string, emit func(livetest.Event)) error {
	if file == "-" {
		return run.Replay(a.in, emit)
	}
	data, err := store.ReadLimited(file, recordingLimit)
	if err != nil {
		return fmt.Errorf("--replay: %w", err)
	}
	if err := run.Replay(bytes.NewReader(data), emit); err != nil {
		return fmt.Errorf("--replay: %s: %w", model.Clean(file, 200), err)
	}
	return nil
}

// recordingLimit is the most bytes of a recording that are read.
const recordingLimit = 256 << 20

// progress tells what happens on standard error, where that is a terminal; elsewhere only
// what makes the test take longer than it said.
func (a *app) progress() func(livetest.Event) {
	if !term.IsTerminal(a.errsFile.Fd()) {
		return func(e livetest.Event) {
			if e.Kind == livetest.EventSecond {
				_, _ = fmt.Fprintln(a.errs, "keeptune probe: "+model.Clean(e.Text, 400))
			}
		}
	}
	var held heldCount
	return func(e livetest.Event) {
		text := eventText(e)
		if e.Role == livetest.RoleHold && e.Kind != livetest.EventLimited {
			text = held.text(e)
		}
		if text != "" {
			_, _ = fmt.Fprintf(a.errs, "%9.3f s  %s\n", e.At.Seconds(), text)
		}
	}
}
