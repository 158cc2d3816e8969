package lab

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/detect"
)

// Patience is how long after the latest predicted moment a sample still waits.
const patience = 3 * time.Second

// A trial is one sample while it runs.
type trial struct {
	*cell
	s          Case
	f          facts
	own, peer  end // the end that is measured, and the other one
	log        *capture
	prediction Prediction
}

// An ending is what a trial came to.
type ending struct {
	from, at time.Duration // the point of reference, and the return of the call
	outcome  Outcome
	late     bool // this thread could have seen it earlier
}

// sample runs one sample and returns when it ended (CLOCK_MONOTONIC), and
// whether its thread saw that late.
func (k kernel) sample(ctx context.Context, c *cell, s *Sample) (end time.Duration, late bool) {
	if s.Case.Ladder != (LadderScenario{}) {
		k.ladder(ctx, c, s)
		return 0, false // the live test watches its own timers
	}
	t := &trial{cell: c, s: s.Case, f: facts{HZ: k.hz}, own: -1, peer: -1}
	var e ending
	err := t.home().do(func() error {
		defer t.close()
		var err error
		e, err = t.run(ctx)
		return err
	})
	s.Case = t.s // an old kernel has no linear SYN timeouts and no ceiling to set
	s.Prediction, s.RTO, s.Outcome, s.Measured = t.prediction, t.f.RTO, e.outcome, e.at-e.from
	if err != nil {
		s.Error, s.Measured = err.Error(), 0
		return now(), false
	}
	return e.at, e.late
}

// home is the namespace of the measured end, away that of the other.
func (t *trial) home() namespace {
	if t.s.Router.FromServer {
		return t.server
	}
	return t.client
}

func (t *trial) close() {
	t.own.close()
	t.peer.close()
	if t.log != nil {
		t.log.close()
	}
}

func (t *trial) run(ctx context.Context) (ending, error) {
	var err error
	if t.log, err = newCapture(); err != nil {
		return ending{}, err
	}
	for _, n := range []namespace{t.client, t.server} {
		if err := n.do(t.tune); err != nil {
			return ending{}, err
		}
	}
	if t.s.Scenario == Middlebox {
		if err := t.forget(ctx); err != nil {
			return ending{}, err
		}
	}
	if t.s.Scenario == Connecting {
		return t.connecting(ctx)
	}
	if err := t.open(); err != nil {
		return ending{}, fmt.Errorf("opening the connection: %w", err)
	}
	switch t.s.Scenario {
	case DataInFlight:
		return t.inFlight(ctx)
	case ClosedWindow:
		return t.closedWindow(ctx)
	case LateWrite:
		return t.lateWrite(ctx)
	case Orphaned:
		return t.orphaned(ctx)
	case HalfClosed:
		return t.halfClosed(ctx)
	case Middlebox:
		return t.middlebox()
	case PeerGone:
		return t.gone(ctx)
	case IdleConnection, IdleUserTimeout, Connecting, All:
	}
	return t.idle(ctx)
}

// tune sets the sysctls of an end's namespace.
func (t *trial) tune() error {
	type sysctl struct {
		name  string
		value int64
	}
	all := []sysctl{
		{"ipv4/tcp_retries2", t.s.Retries},
		{"ipv4/tcp_syn_retries", t.s.SynRetries},
		{"ipv4/tcp_orphan_retries", t.s.Orphans},
		{"ipv4/tcp_fin_timeout", int64(t.s.FinTimeout / time.Second)},
	}
	if t.s.KeepAlive && t.s.Count == 0 {
		all = append(all, sysctl{"ipv4/tcp_keepalive_probes", 0})
	}
	if ceiling := "ipv4/tcp_rto_max_ms"; has(ceiling) {
		all = append(all, sysctl{ceiling, t.s.RTOMax.Milliseconds()})
	} else {
		t.s.RTOMax = detect.Linux().RTOMax
	}
	if !t.s.TailLossProbe {
		all = append(all, sysctl{"ipv4/tcp_early_retrans", 0})
	}
	if linear := "ipv4/tcp_syn_linear_timeouts"; has(linear) {
		all = append(all, sysctl{linear, t.s.SynLinear})
	} else {
		t.s.SynLinear = 0
	}
	for _, s := range all {
		if err := set(s.name, s.value); err != nil {
			return err
		}
	}
	return nil
}

// open makes the connection, warms it up and sets the socket's options.
func (t *trial) open() error {
	listener, client := end(-1), end(-1)
	err := t.server.do(func() (err error) {
		if listener, err = newEnd(); err != nil {
			return err
		}
		if t.s.Scenario == ClosedWindow {
			if err := listener.option(unix.SOL_SOCKET, unix.SO_RCVBUF, 8192); err != nil {
				return err
			}
		}
		if err := unix.Bind(int(listener), address(serverAddress)); err != nil {
			return err
		}
		return unix.Listen(int(listener), 1)
	})
	defer listener.close()
	if err != nil {
		return err
	}
	if err := t.client.do(func() (err error) {
		if client, err = newEnd(); err != nil {
			return err
		}
		return unix.Connect(int(client), address(serverAddress))
	}); err != nil {
		client.close()
		return err
	}
	t.own = client
	accepted, _, err := unix.Accept4(int(listener), unix.SOCK_CLOEXEC)
	if err != nil {
		return err
	}
	t.peer = end(accepted)
	if t.s.Router.FromServer {
		t.own, t.peer = t.peer, t.own
	}
	if err := t.peer.option(unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return err
	}
	return t.warmUp()
}

// warmUp exchanges data until the round trip time has settled. The last
// segment that the measured end receives is data, or for a middlebox an
// acknowledgement, which it does not answer.
func (t *trial) warmUp() error {
	for range 4 {
		if err := t.own.send(message); err != nil {
			return err
		}
		if err := t.peer.receive(); err != nil {
			return err
		}
		if err := t.peer.send(message); err != nil {
			return err
		}
		if err := t.own.receive(); err != nil {
			return err
		}
	}
	if err := t.own.apply(t.s); err != nil {
		return err
	}
	time.Sleep(t.s.Lead)
	from, to := t.peer, t.own
	if t.s.Scenario == Middlebox {
		from, to = to, from
	}
	if err := from.send(message); err != nil {
		return err
	}
	if err := to.receive(); err != nil {
		return err
	}
	return t.settle()
}

// settle waits for all acknowledgements, and reads what the prediction needs.
func (t *trial) settle() error {
	for range 200 {
		mine, err := t.own.info()
		if err != nil {
			return err
		}
		theirs, err := t.peer.info()
		if err != nil {
			return err
		}
		if mine.Unacked == 0 && theirs.Unacked == 0 {
			t.f.RTT, t.f.RTO = time.Duration(mine.Rtt)*time.Microsecond, time.Duration(mine.Rto)*time.Microsecond
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return fmt.Errorf("the acknowledgements do not come")
}

// judge predicts, and waits for the end of the connection after a reference.
func (t *trial) judge(from time.Duration, events int16) ending {
	t.prediction = predict(t.s, t.f)
	before := queued()
	outcome, at := t.own.ended(events, from+t.prediction.High+patience)
	return ending{from, at, outcome, queued()-before > tooLate}
}
