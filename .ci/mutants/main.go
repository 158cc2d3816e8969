// Mutants sets small faults in a package, one at a time, and says which of them its tests
// notice. All faults are compiled into one test binary, each behind a switch; the tests
// that come by a fault are found out first, and only they run for it. Its closing lines
// name what survived, what no test comes by, and how many were noticed.
//
// Usage: go run ./.ci/mutants [-n SAMPLE] [-seed N] [-only RE] [-exclude RE] [-least %] FOLDER
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

func main() {
	n := flag.Int("n", 0, "take a `SAMPLE` of so many faults; 0 takes all")
	seed := flag.Uint64("seed", 1, "of the sample")
	only := flag.String("only", ".", "files that are changed")
	exclude := flag.String("exclude", "^$", "files that are not")
	workers := flag.Int("workers", 2, "test binaries at once")
	least := flag.Float64("least", 85, "fail below so many percent of what tests come by")
	flag.Parse()
	if err := run(flag.Arg(0), *only, *exclude, *n, *seed, *workers, *least); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir, only, exclude string, n int, seed uint64, workers int, least float64) error {
	with, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	without, err := regexp.Compile(exclude)
	if err != nil {
		return err
	}
	p, err := load(dir, with, without)
	if err != nil {
		return err
	}
	s, err := p.build()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(s.temp) }()
	if err := s.cover(workers); err != nil {
		return err
	}
	chosen := make([]int, len(p.faults))
	for i := range chosen {
		chosen[i] = i + 1
	}
	if n > 0 && n < len(chosen) {
		random := rand.New(rand.NewPCG(seed, 7))
		random.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
		chosen = chosen[:n]
		slices.Sort(chosen)
	}
	ends := make([]end, len(chosen))
	each(workers, len(chosen), func(i int) { ends[i] = s.try(chosen[i]) })
	count := map[end]int{}
	for i, id := range chosen {
		if count[ends[i]]++; ends[i] != noticed {
			fmt.Printf("%-12s %s\n", ends[i], p.faults[id-1])
		}
	}
	part := 100 * float64(count[noticed]) / float64(max(1, count[noticed]+count[survived]))
	fmt.Printf("%s: %d of %d faults: %d noticed, %d survived, %d without a test, %d over time: %.1f %%\n",
		p.path, len(chosen), len(p.faults), count[noticed], count[survived], count[uncovered], count[late], part)
	if part < least {
		return fmt.Errorf("fewer than %g %% of what tests come by", least)
	}
	return nil
}

// An end is what became of a fault.
type end string

const (
	noticed   end = "noticed"
	survived  end = "survived"
	uncovered end = "without test"
	late      end = "over time"
)

// A suite is the test binary with all faults in.
type suite struct {
	dir, temp, binary string
	faults            int
	by                map[int][]string // tests that come by each fault
	took              map[string]time.Duration
}

// build compiles the tests with the faults in.
func (p *pkg) build() (*suite, error) {
	temp, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return nil, err
	}
	over := map[string]string{}
	for name, text := range p.files() {
		over[name] = filepath.Join(temp, filepath.Base(name))
		if err := os.WriteFile(over[name], text, 0o600); err != nil {
			return nil, err
		}
	}
	overlay := filepath.Join(temp, "overlay.json")
	b, err := json.Marshal(map[string]any{"Replace": over})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(overlay, b, 0o600); err != nil {
		return nil, err
	}
	s := &suite{dir: p.dir, temp: temp, binary: filepath.Join(temp, "tests"), faults: len(p.faults)}
	_, err = golang(p.dir, "test", "-c", "-vet=off", "-overlay", overlay, "-o", s.binary, ".")
	return s, err
}

var errLate = errors.New("over time")

// test runs some tests, with more in the environment.
func (s *suite) test(limit time.Duration, env string, args ...string) ([]byte, error) {
	c := exec.Command(s.binary, args...)
	c.Dir, c.Env = s.dir, append(os.Environ(), env)
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		return nil, err
	}
	over := time.AfterFunc(limit, func() { _ = c.Process.Kill() })
	err := c.Wait()
	if !over.Stop() {
		err = errLate
	}
	return said.Bytes(), err
}

// cover finds out which tests come by which fault.
func (s *suite) cover(workers int) error {
	list, err := s.test(time.Minute, "FAULT=", "-test.list", ".")
	if err != nil {
		return err
	}
	var tests []string
	for l := range strings.Lines(string(list)) {
		if l = strings.TrimSpace(l); strings.HasPrefix(l, "Test") || strings.HasPrefix(l, "Fuzz") || strings.HasPrefix(l, "Example") {
			tests = append(tests, l)
		}
	}
	s.by, s.took = map[int][]string{}, map[string]time.Duration{}
	var mu sync.Mutex
	var failed error
	each(workers, len(tests), func(i int) {
		log := filepath.Join(s.temp, "log"+strconv.Itoa(i))
		began := time.Now()
		said, err := s.test(10*time.Minute, "FAULT_LOG="+log, "-test.run", "^"+tests[i]+"$")
		took := time.Since(began)
		b, _ := os.ReadFile(log)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			failed = fmt.Errorf("%s fails without a fault: %w\n%s", tests[i], err, said)
			return
		}
		s.took[tests[i]] = took
		for _, id := range strings.Fields(string(b)) {
			n, _ := strconv.Atoi(id)
			s.by[n] = append(s.by[n], tests[i])
		}
	})
	for tests := range maps.Values(s.by) {
		slices.SortFunc(tests, func(a, b string) int { return int(s.took[a] - s.took[b]) })
	}
	return failed
}

// atOnce is how many tests one start of the binary runs, the quickest first.
const atOnce = 40

// try runs the tests that come by a fault with the fault on, until one fails.
func (s *suite) try(id int) end {
	if len(s.by[id]) == 0 {
		return uncovered
	}
	for part := range slices.Chunk(s.by[id], atOnce) {
		limit := 20 * time.Second
		for _, t := range part {
			limit += 10 * s.took[t]
		}
		_, err := s.test(limit, "FAULT="+strconv.Itoa(id), "-test.failfast", "-test.run", "^("+strings.Join(part, "|")+")$")
		switch {
		case errors.Is(err, errLate):
			return late
		case err != nil:
			return noticed
		}
	}
	return survived
}

// each does n things, some at once.
func each(workers, n int, do func(int)) {
	var all sync.WaitGroup
	next := make(chan int)
	for range workers {
		all.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
}
