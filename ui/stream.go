package ui

import (
	"context"
	"runtime/debug"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// A batch is what a stream had ready since the last one.
type batch[T any] struct {
	stream int
	items  []T
	done   bool
	err    error     // of the work, with done
	crash  *crashMsg // the work panicked, with done
}

// A source is a running stream: values in order, then one end.
type source[T any] struct {
	values <-chan T
	end    <-chan batch[T]
	gone   <-chan struct{} // closed when nothing of it runs any more
}

// stream runs work in a goroutine and hands out what it emits. A producer
// whose context has ended is never blocked by a screen that no longer listens.
func stream[T any](ctx context.Context, work func(context.Context, func(T)) error) source[T] {
	values, end, gone := make(chan T, 64), make(chan batch[T], 1), make(chan struct{})
	go func() {
		defer close(gone)
		last := batch[T]{done: true}
		defer func() {
			if v := recover(); v != nil {
				last.crash = &crashMsg{v, debug.Stack()}
			}
			end <- last
			close(values)
		}()
		last.err = work(ctx, func(v T) {
			select {
			case values <- v:
			case <-ctx.Done():
				select { // the last events of a cancelled run still count
				case values <- v:
				default:
				}
			}
		})
	}()
	return source[T]{values, end, gone}
}

// gathering is how long values are gathered before the screen takes them in:
// whatever a stream emits, it costs a few updates a second.
const gathering = 150 * time.Millisecond

// A wait is why a command does not end by itself, however long it is given.
type wait int

const (
	forClock  wait = iota // a moment comes
	forStream             // a stream tells something
)

// waits marks a command that waits; all that do are made with it.
func (a app) waits(why wait, cmd tea.Cmd) tea.Cmd {
	if a.waiting == nil || cmd == nil {
		return cmd
	}
	return a.waiting(why, cmd)
}

// next waits for the next value of a stream and takes all that come with it
// and soon after. One is outstanding at a time, which keeps the order.
func next[T any](id int, s source[T]) tea.Cmd {
	return func() tea.Msg {
		b := batch[T]{stream: id}
		var enough <-chan time.Time
		for {
			select {
			case v, ok := <-s.values:
				if !ok {
					last := <-s.end
					last.stream, last.items = id, b.items
					return last
				}
				b.items = append(b.items, v)
				if enough == nil {
					enough = time.After(gathering)
				}
			case <-enough:
				return b
			}
		}
	}
}
