package run

import (
	"sync"

	"example.com/keeptune/tuning/livetest"
)

// A queue takes events from many goroutines without ever holding one up, because a reader
// that waits for the screen would measure the screen. What a run can emit is bounded.
type queue struct {
	mu     sync.Mutex
	items  []livetest.Event
	sum    livetest.Summary
	closed bool
	wake   chan struct{}
}

func newQueue() *queue { return &queue{wake: make(chan struct{}, 1)} }

func (q *queue) put(e livetest.Event) {
	q.mu.Lock()
	q.items = append(q.items, e)
	q.sum.Add(e)
	q.mu.Unlock()
	q.signal()
}

// finish puts the last event with the outcome that all events amount to.
func (q *queue) finish(e livetest.Event) livetest.Result {
	q.mu.Lock()
	defer q.signal()
	defer q.mu.Unlock()
	q.sum.Add(e)
	res := q.sum.Result()
	e.Outcome = res.Outcome
	q.items = append(q.items, e)
	return res
}

// result is what all events so far amount to.
func (q *queue) result() livetest.Result {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.sum.Result()
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// drain hands events out until the queue is closed and empty.
func (q *queue) drain(emit func(livetest.Event)) {
	for {
		q.mu.Lock()
		items, closed := q.items, q.closed
		q.items = nil
		q.mu.Unlock()
		for _, e := range items {
			emit(e)
		}
		if len(items) > 0 {
			continue
		}
		if closed {
			return
		}
		<-q.wake
	}
}
