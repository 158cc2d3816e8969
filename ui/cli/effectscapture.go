package cli

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"os"
	"sync"
	"time"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/host"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/ui/contract"
)

// Bounds of what the screen keeps: packets of one connection, servers of a watch, packets of
// a watch.
const (
	ladderPackets  = 2000
	watchedServers = 200
	watchedPackets = 1 << 15
)

// Capture follows the connections of a capture, as keeptune pcap does.
func (e *effects) Capture(ctx context.Context, file string, emit func(contract.Captured)) error {
	e.log.files("read", file)
	var f pcapFlags
	from := &filePackets{name: file}
	next := time.Now().Add(shownFrom)
	show := func(n capture.Counts, at, of int64) {
		if now := time.Now(); !now.Before(next) {
			next = now.Add(shownFrom)
			emit(contract.Captured{Of: file, File: n, At: at, Size: of})
		}
	}
	t, err := e.app.readCapture(ctx, &f, file, nil, from.recent.Add, show)
	if err != nil {
		return err
	}
	emit(contract.Captured{Of: file, Picture: t.picture, File: t.file, Source: from})
	return nil
}

// filePackets has the packets of a connection from the file, which is read again.
type filePackets struct {
	name   string
	recent trace.Recent // changes no more
}

// Connections are those that are kept.
func (f *filePackets) Connections(server netip.AddrPort) []trace.Connection {
	return f.recent.Connections(server)
}

// Of reads the file again up to the connection's end.
func (f *filePackets) Of(ctx context.Context, c *trace.Connection) (all []capture.Segment, more bool, err error) {
	in, err := os.Open(f.name)
	if err != nil {
		return nil, false, unwrapPath(err)
	}
	defer in.Close()
	r, err := capture.Open(in)
	if err != nil {
		return nil, false, err
	}
	var s capture.Segment
	pick := picker{of: c}
	for err = r.Next(&s); err == nil && !pick.done; err = r.Next(&s) {
		pick.add(&s)
		if s.Number%(1<<14) == 0 && ctx.Err() != nil {
			return nil, false, ctx.Err()
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, err
	}
	return pick.all, pick.more, nil
}

// A picker takes the packets of one connection.
type picker struct {
	of   *trace.Connection
	all  []capture.Segment
	more bool
	done bool // nothing more is to come
}

// after is how long after a close stragglers belong to a connection.
const after = 2 * time.Second

func (p *picker) add(s *capture.Segment) {
	c := p.of
	switch {
	case s.Number < c.Packet:
		return
	case c.Kind != trace.Open && s.Number > c.ClosePacket && s.At > c.Closed.Add(after).UnixNano():
		p.done = true
		return
	case !p.mine(s):
		return
	case len(p.all) > 0 && s.Flags&(capture.SYN|capture.ACK) == capture.SYN && p.all[0].Seq != s.Seq && s.Number > c.ClosePacket: // the next with these addresses and ports
		p.done = true
		return
	case len(p.all) >= ladderPackets:
		p.more, p.done = true, true
		return
	}
	one := *s
	one.Payload = nil
	p.all = append(p.all, one)
}

func (p *picker) mine(s *capture.Segment) bool {
	return s.Src == p.of.Client && s.Dst == p.of.Server || s.Src == p.of.Server && s.Dst == p.of.Client
}

// Watch follows the connections that pass this host, as keeptune watch does.
func (e *effects) Watch(ctx context.Context, q contract.WatchQuery, emit func(contract.Captured)) error {
	f := watchFlags{on: q.Interface, netns: q.Namespace}
	for _, p := range q.Ports {
		f.ports = append(f.ports, uint(p))
	}
	w, err := host.OpenWatch(host.WatchOptions{Interface: q.Interface, Namespace: q.Namespace, Ports: q.Ports})
	if errors.Is(err, host.ErrMayNotWatch) {
		return errors.New(host.ErrMayNotWatch.Error() + "; who has it can run " + tcpdumpLine(&f, 0) + " or write to a file for :pcap")
	}
	if err != nil {
		return err
	}
	defer w.Close()
	live := &watchPackets{}
	t := trace.New(live.ended)
	type seen struct{ packets, dropped, connections int64 }
	last := seen{packets: -1}
	show := func() {
		t.Pass(time.Now())
		n := w.Counts()
		now := seen{n.Packets, n.Dropped, int64(t.Counts().Connections)}
		if now == last {
			return
		}
		last = now
		live.doubt(t.Doubts())
		emit(contract.Captured{Of: f.of(), Picture: t.Picture(watchedServers), File: n, Source: live})
	}
	show()
	err = w.Run(ctx, time.Second, func(s *capture.Segment) {
		live.add(s)
		t.Add(s)
	}, show)
	if w.Counts().Dropped > 0 {
		t.Missed()
	}
	t.End()
	live.doubt(nil)
	emit(contract.Captured{Of: f.of(), Picture: t.Picture(watchedServers), File: w.Counts(), Source: live})
	return err
}

// watchPackets keeps the latest packets of a watch, and the latest connections.
type watchPackets struct {
	mu     sync.Mutex
	recent trace.Recent
	doubts []trace.Connection // that were reset and may go on
	ring   []capture.Segment
	next   int
}

func (f *watchPackets) ended(c *trace.Connection) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.recent.Add(c)
}

func (f *watchPackets) doubt(all []trace.Connection) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.doubts = all
}

func (f *watchPackets) add(s *capture.Segment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one := *s
	one.Payload = nil
	if len(f.ring) < watchedPackets {
		f.ring = append(f.ring, one)
		return
	}
	f.ring[f.next] = one
	f.next = (f.next + 1) % len(f.ring)
}

// Connections are those that are kept.
func (f *watchPackets) Connections(server netip.AddrPort) []trace.Connection {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.recent.Connections(server)
	for i := range f.doubts {
		if c := &f.doubts[i]; c.Server == server {
			all = append(all, *c)
		}
	}
	return all
}

// Of are those of its packets that are kept.
func (f *watchPackets) Of(_ context.Context, c *trace.Connection) (all []capture.Segment, more bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	pick := picker{of: c}
	for i := range f.ring {
		if pick.add(&f.ring[(f.next+i)%len(f.ring)]); pick.done {
			break
		}
	}
	return pick.all, pick.more, nil
}
