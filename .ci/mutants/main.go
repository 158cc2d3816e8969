// Mutants sets small faults in packages, one at a time, and says which of them their tests
// notice. All faults of a package are compiled into one test binary, each behind a switch; the
// tests that come by a fault are found out first, and only they run for it. Named are those
// that survive and those that no test comes by. Faults that change nothing anybody could see
// are listed with the reason in equivalent.txt, and not counted.
//
// Usage: go run ./.ci/mutants [-n SAMPLE] [-seed N] [-only RE] [-exclude RE] [-least %] FOLDER…
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

// A choice is what is tried of a package.
type choice struct {
	only, exclude *regexp.Regexp // files
	n             int            // of all faults, by chance; 0 is all
	seed          uint64
	workers       int
	within        time.Duration // tests that take longer are left out; 0 is none
}

func main() {
	var c choice
	flag.IntVar(&c.n, "n", 0, "take a `SAMPLE` of so many faults of each package; 0 takes all")
	flag.Uint64Var(&c.seed, "seed", 1, "of the sample")
	only := flag.String("only", ".", "files that are changed")
	exclude := flag.String("exclude", "^$", "files that are not")
	flag.IntVar(&c.workers, "workers", 2, "test binaries at once")
	flag.DurationVar(&c.within, "within", 0, "leave out tests that take longer, whose faults then survive; 0 leaves out none")
	least := flag.Float64("least", 85, "fail below so many percent")
	list := flag.String("equivalent", ".ci/mutants/equivalent.txt", "faults that change nothing, with the reason")
	flag.Parse()
	var err error
	if c.only, err = regexp.Compile(*only); err == nil {
		c.exclude, err = regexp.Compile(*exclude)
	}
	var known *equivalents
	if err == nil {
		known, err = readEquivalents(*list)
	}
	if err == nil {
		err = all(flag.Args(), c, known, *least)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// all tries the packages in these folders in turn and sums up.
func all(dirs []string, c choice, known *equivalents, least float64) error {
	var said []string
	var wrong error
	for _, dir := range dirs {
		t, err := run(dir, c, known)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		if said = append(said, t.String()); t.part() < least {
			wrong = fmt.Errorf("fewer than %g %% are noticed", least)
		}
	}
	for _, l := range said {
		fmt.Println(l)
	}
	return errors.Join(append(known.wrong, wrong)...)
}

// A tally is what became of a package's faults.
type tally struct {
	path      string
	tried, of int
	ends      map[end]int
}

// part is how many percent were noticed. What takes forever is counted apart: the test that
// would notice it never ends.
func (t tally) part() float64 {
	n := t.ends[noticed]
	return 100 * float64(n) / float64(max(1, n+t.ends[survived]+t.ends[uncovered]))
}

func (t tally) String() string {
	return fmt.Sprintf("%s: %.1f %%: of %d faults %d tried, %d noticed, %d survived, %d without a test, %d over time; %d equivalent",
		t.path, t.part(), t.of, t.tried, t.ends[noticed], t.ends[survived], t.ends[uncovered], t.ends[late], t.ends[equal])
}

func run(dir string, c choice, known *equivalents) (tally, error) {
	t := tally{ends: map[end]int{}}
	p, err := load(dir, c.only, c.exclude)
	if err != nil {
		return t, err
	}
	s, err := p.build()
	if err != nil {
		return t, err
	}
	defer func() { _ = os.RemoveAll(s.temp) }()
	if err := s.cover(c.workers); err != nil {
		return t, err
	}
	if c.within > 0 {
		for id, tests := range s.by {
			s.by[id] = slices.DeleteFunc(tests, func(name string) bool { return s.took[name] > c.within })
		}
	}
	dir = filepath.ToSlash(filepath.Clean(dir))
	known.looked(dir, p, c)
	t.path, t.of = p.path, len(p.faults)
	chosen := make([]int, len(p.faults))
	for i := range chosen {
		chosen[i] = i + 1
	}
	if c.n > 0 && c.n < len(chosen) {
		random := rand.New(rand.NewPCG(c.seed, 7))
		random.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
		chosen = chosen[:c.n]
		slices.Sort(chosen)
	}
	t.tried = len(chosen)
	ends := make([]end, len(chosen))
	each(c.workers, len(chosen), func(i int) { ends[i] = s.try(chosen[i]) })
	for i, id := range chosen {
		ends[i] = known.judge(dir, p.faults[id-1], ends[i])
		if t.ends[ends[i]]++; ends[i] != noticed && ends[i] != equal {
			fmt.Printf("%-12s %s/%s\n", ends[i], dir, p.faults[id-1])
		}
	}
	return t, nil
}

// An end is what became of a fault.
type end string

const (
	noticed   end = "noticed"
	survived  end = "survived"
	uncovered end = "without test"
	late      end = "over time"
	equal     end = "equivalent" // survived, for a reason
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

// parts cuts tests, the quickest first, into what one start of the binary runs: first what
// takes a moment, then four times as long, and so on.
func (s *suite) parts(tests []string) (all [][]string) {
	most, sum := 100*time.Millisecond, time.Duration(0)
	from := 0
	for i, t := range tests {
		if sum += s.took[t]; sum > most && i > from {
			all = append(all, tests[from:i])
			from, sum, most = i, s.took[t], 4*most
		}
	}
	return append(all, tests[from:])
}

// try runs the tests that come by a fault with the fault on, until one fails.
func (s *suite) try(id int) end {
	if len(s.by[id]) == 0 {
		return uncovered
	}
	for _, part := range s.parts(s.by[id]) {
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
