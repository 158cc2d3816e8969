package cli

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
)

// A socketColumn is a column of the CSV, with what the kernel has to be asked for it.
type socketColumn struct {
	name          string
	spans, owners bool
	options       bool // with --options
	add           func([]byte, *census.Socket) []byte
}

// socketColumns are all columns, in their order.
var socketColumns = []socketColumn{
	{name: "state", add: func(b []byte, s *census.Socket) []byte { return append(b, s.State.String()...) }},
	{name: "local", add: func(b []byte, s *census.Socket) []byte { return s.Local.AppendTo(b) }},
	{name: "remote", add: func(b []byte, s *census.Socket) []byte { return s.Remote.AppendTo(b) }},
	{name: "idle_s", spans: true, add: func(b []byte, s *census.Socket) []byte { return appendSeconds(b, s.Idle()) }},
	{name: "sent_s", spans: true, add: func(b []byte, s *census.Socket) []byte { return appendSeconds(b, s.Sent) }},
	{name: "received_s", spans: true, add: func(b []byte, s *census.Socket) []byte { return appendSeconds(b, s.Received) }},
	{name: "heard_s", spans: true, add: func(b []byte, s *census.Socket) []byte { return appendSeconds(b, s.Heard) }},
	{name: "timer", add: func(b []byte, s *census.Socket) []byte { return append(b, s.Timer.String()...) }},
	{name: "fires_s", add: func(b []byte, s *census.Socket) []byte {
		if s.Timer == census.NoTimer {
			return b
		}
		return appendSeconds(b, s.Fires)
	}},
	{name: "tries", add: func(b []byte, s *census.Socket) []byte { return strconv.AppendInt(b, int64(s.Tries), 10) }},
	{name: "recv_queue", add: func(b []byte, s *census.Socket) []byte { return strconv.AppendUint(b, uint64(s.RecvQueue), 10) }},
	{name: "send_queue", add: func(b []byte, s *census.Socket) []byte { return strconv.AppendUint(b, uint64(s.SendQueue), 10) }},
	{name: "uid", add: func(b []byte, s *census.Socket) []byte { return strconv.AppendUint(b, uint64(s.UID), 10) }},
	{name: "inode", add: func(b []byte, s *census.Socket) []byte { return strconv.AppendUint(b, s.Inode, 10) }},
	{name: "pid", owners: true, add: func(b []byte, s *census.Socket) []byte {
		if len(s.Owners) == 0 {
			return b
		}
		return strconv.AppendInt(b, int64(s.Owners[0].PID), 10)
	}},
	{name: "process", owners: true, add: func(b []byte, s *census.Socket) []byte {
		if len(s.Owners) == 0 {
			return b
		}
		b = append(b, '"')
		b = append(b, bytes.ReplaceAll([]byte(model.Clean(s.Owners[0].Name, 40)), []byte(`"`), []byte(`""`))...)
		return append(b, '"')
	}},
	optionColumn("keepalive", func(b []byte, o *census.Options) []byte {
		if o.KeepAlive {
			return append(b, "on"...)
		}
		return append(b, "off"...)
	}),
	optionColumn("keepidle_s", func(b []byte, o *census.Options) []byte { return appendSeconds(b, o.Idle) }),
	optionColumn("keepintvl_s", func(b []byte, o *census.Options) []byte { return appendSeconds(b, o.Every) }),
	optionColumn("keepcnt", func(b []byte, o *census.Options) []byte { return strconv.AppendInt(b, int64(o.Count), 10) }),
	optionColumn("user_timeout_s", func(b []byte, o *census.Options) []byte { return appendSeconds(b, o.UserTimeout) }),
}

// optionColumn is a column of what a socket has set, empty where nobody looked.
func optionColumn(name string, add func([]byte, *census.Options) []byte) socketColumn {
	return socketColumn{name: name, owners: true, options: true, add: func(b []byte, s *census.Socket) []byte {
		if s.Options == nil {
			return b
		}
		return add(b, s.Options)
	}}
}

// chosenColumns are those that --columns names; where it names none, all, but what is
// set only where options are read.
func chosenColumns(text string, options bool) ([]socketColumn, error) {
	if text == "" && options {
		return socketColumns, nil
	}
	if text == "" {
		return slices.DeleteFunc(slices.Clone(socketColumns), func(c socketColumn) bool { return c.options }), nil
	}
	var out []socketColumn
	for name := range strings.SplitSeq(text, ",") {
		at := slices.IndexFunc(socketColumns, func(c socketColumn) bool { return c.name == strings.TrimSpace(name) })
		if at < 0 {
			return nil, fmt.Errorf("--columns: there is no column %q; choose of %s", model.Clean(name, 40), columnNames(socketColumns))
		}
		out = append(out, socketColumns[at])
	}
	return out, nil
}

func columnNames(columns []socketColumn) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return strings.Join(names, ",")
}

// A socketCSV writes sockets as lines of RFC 4180. What nobody told is empty; of
// several owners the first is named.
type socketCSV struct {
	columns []socketColumn
	out     interface{ Write([]byte) (int, error) }
	line    []byte
	bad     error
}

func (w *socketCSV) write(s *census.Socket) {
	b := w.line[:0]
	for i := range w.columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = w.columns[i].add(b, s)
	}
	w.line = append(b, '\n')
	if _, err := w.out.Write(w.line); err != nil {
		w.bad = errors.Join(w.bad, err)
	}
}

// appendSeconds is a span in seconds to the millisecond, which is the kernel's
// grain, nothing where it is unknown.
func appendSeconds(b []byte, d time.Duration) []byte {
	if d < 0 {
		return b
	}
	b = strconv.AppendInt(b, int64(d/time.Second), 10)
	if ms := d % time.Second / time.Millisecond; ms > 0 {
		b = append(b, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
	}
	return b
}
