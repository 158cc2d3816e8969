package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"
)

// Inside is the first call of main. In the copy of the program that [Run]
// starts it runs the plan and returns the exit code and true; everywhere else
// it does nothing and returns false.
func Inside() (code int, inside bool) {
	if os.Getenv(variable) == "" {
		return 0, false
	}
	w := &writer{to: json.NewEncoder(os.Stdout)}
	if err := obey(context.Background(), os.Stdin, w); err != nil {
		l := line{Failed: err.Error()}
		if no, ok := err.(*UnavailableError); ok { //nolint:errorlint // obey does not wrap it
			l = line{Unavailable: no.Reason}
		}
		w.write(l)
		return 1, true
	}
	return 0, true
}

// A writer keeps lines of several goroutines apart.
type writer struct {
	mu sync.Mutex
	to *json.Encoder
}

func (w *writer) write(l line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.to.Encode(l) // without a reader there is no one to tell
}

// obey runs the order in batches, and again those samples to which this process
// came late.
func obey(ctx context.Context, in io.Reader, w *writer) error {
	var o order
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return fmt.Errorf("the lab's order is not readable: %w", err)
	}
	hz, ok := HostHZ()
	if !ok {
		return &UnavailableError{"this kernel's clock does not tell its timer frequency"}
	}
	k := kernel{hz: hz, ip: o.IP, nft: o.NFT}
	if c, err := k.cell(ctx); err != nil {
		return &UnavailableError{fmt.Sprintf("this kernel does not let this user set up routers in network namespaces: %v", err)}
	} else {
		c.close()
	}
	clock := watch()
	todo := make([]Sample, len(o.Cases))
	for i, s := range o.Cases {
		todo[i] = Sample{Index: i, Case: s}
	}
	for len(todo) > 0 {
		var again []Sample
		for batch := range slices.Chunk(todo, o.Parallel) {
			again = append(again, k.batch(ctx, batch, clock, w)...)
		}
		todo = again
	}
	w.write(line{HZ: hz})
	return nil
}

// stagger keeps the beginnings of samples that run side by side apart.
const stagger = 40 * time.Millisecond

// batch runs samples side by side, each between routers of its own, and
// returns those to be repeated.
func (k kernel) batch(ctx context.Context, batch []Sample, clock *lateness, w *writer) []Sample {
	cells := make([]*cell, len(batch))
	for i := range batch {
		c, err := k.cell(ctx)
		if err != nil {
			batch[i].Error = err.Error()
			continue
		}
		cells[i] = c
	}
	var mu sync.Mutex
	var again []Sample
	var running sync.WaitGroup
	for i, s := range batch {
		if s.Error != "" {
			w.write(line{Sample: &s})
			continue
		}
		running.Go(func() {
			end, late := k.sample(ctx, cells[i], &s)
			s.runs++
			if late = clock.late(end) || late; s.again(late) {
				mu.Lock()
				defer mu.Unlock()
				again = append(again, Sample{Index: s.Index, Case: s.Case, Repeated: true, runs: s.runs})
				return
			}
			w.write(line{Sample: &s})
		})
		time.Sleep(stagger)
	}
	running.Wait()
	for _, c := range cells {
		if c != nil {
			c.close()
		}
	}
	return again
}
