//go:build unix

package probe_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/probe"
	"example.com/keeptune/tuning/scripted"
)

const suspendTarget = "KEEPTUNE_TEST_SUSPEND_TARGET"

// The process under test of TestSuspendedProcess: it probes and prints its events.
func TestSuspendHelper(t *testing.T) {
	addr := os.Getenv(suspendTarget)
	if addr == "" {
		t.Skip("run by TestSuspendedProcess")
	}
	spec := specFor(t, "http://"+addr)
	spec.Stagger, spec.Measure = 100*time.Millisecond, []model.Measurement{model.MeasureIdle}
	rec := probe.NewRecorder(os.Stdout)
	err := probe.Run(t.Context(), spec, rec.Record)
	_, _ = fmt.Fprintf(os.Stdout, "ended: %v\n", err)
}

// A prober that was stopped (Ctrl+Z) while the server closed must not report a timeout.
func TestSuspendedProcess(t *testing.T) {
	t.Parallel()
	addr := listen(t, scripted.Script{Idle: 1500 * time.Millisecond}, nil)
	cmd := exec.Command(os.Args[0], "-test.run=^TestSuspendHelper$", "-test.v")
	cmd.Env = append(os.Environ(), suspendTarget+"="+addr)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var events []model.Event
	ended, watched := "", 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var e model.Event
		if s, ok := strings.CutPrefix(lines.Text(), "ended: "); ok {
			ended = s
		}
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		events = append(events, e)
		if e.Kind != model.EventResponse || e.Role != model.ProbeRoleIdle {
			continue
		}
		if watched++; watched == 7 {
			// All samples are silent now; the stop covers their closes.
			_ = cmd.Process.Signal(syscall.SIGSTOP)
			time.AfterFunc(3*time.Second, func() { _ = cmd.Process.Signal(syscall.SIGCONT) })
		}
	}
	_ = cmd.Wait()
	r := model.Summarize(events)
	if r.Outcome != model.OutcomeInconclusive || r.Idle.Samples != 0 || r.Idle.Discarded != 7 || !strings.Contains(ended, "did not run for") {
		t.Errorf("outcome %q (%s), idle %+v, ended %q", r.Outcome, r.Reason, r.Idle, ended)
	}
}
