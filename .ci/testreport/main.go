// Testreport reads what go test -json writes and tells of it: a line for each package,
// the output of what failed with the command that runs it alone, what was skipped and
// why, and with -slowest the slowest tests. With -again as many failures as that are
// run once more, alone: what passes then is told, and is no failure. Its arguments are
// the command that ran.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// An event is one of test2json; a build's have an ImportPath and no Package.
type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64 // seconds
	FailedBuild                               string
}

// A test is one that ended, top level or below.
type test struct {
	pkg, name string
	seconds   float64
}

type report struct {
	output                  map[string][]string // by package and test, until it ends
	building                map[string][]string // by package and variant
	failed, skipped, passed []test
	why                     map[test]string   // of a skip
	said                    map[test][]string // by a failed test itself
	packages, broken        int
	beyond                  int // packages that failed by more than tests: no build, a panic
}

// passedAgain is the exit code where go test failed, and what failed passed alone.
const passedAgain = 3

func main() {
	slowest := flag.Int("slowest", 0, "how many of the slowest tests are listed")
	again := flag.Int("again", 0, "how many failed tests at most are run once more, alone")
	flag.Parse()
	r := report{output: map[string][]string{}, building: map[string][]string{}, why: map[test]string{}, said: map[test][]string{}}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Println(lines.Text()) // go's own words
			continue
		}
		r.take(e)
	}
	r.end(flag.Args(), *slowest)
	switch {
	case lines.Err() == nil && len(r.failed) == 0 && r.broken == 0:
	case lines.Err() == nil && r.again(flag.Args(), *again):
		os.Exit(passedAgain)
	default:
		os.Exit(1)
	}
}

func (r *report) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		r.building[e.ImportPath] = append(r.building[e.ImportPath], e.Output)
	case "output":
		r.output[key] = append(r.output[key], e.Output)
	case "pass", "fail", "skip":
		t := test{e.Package, e.Test, e.Elapsed}
		switch {
		case e.Test == "":
			r.pkg(e)
		case e.Action == "pass":
			r.passed = append(r.passed, t)
		case e.Action == "skip":
			r.skipped = append(r.skipped, t)
			r.why[t] = reason(r.output[key])
		default:
			r.fail(t, r.output[key])
		}
		delete(r.output, key)
	}
}

// fail takes in a failed test and prints its output, unless it is that of its parts, which
// is printed.
func (r *report) fail(t test, output []string) {
	for _, line := range output {
		if place.MatchString(line) {
			r.said[t] = append(r.said[t], strings.TrimSpace(line))
		}
	}
	if len(r.said[t]) > 0 || !slices.ContainsFunc(r.failed, func(o test) bool { return o.partOf(t) }) {
		fmt.Print(strings.Join(output, ""))
	}
	r.failed = append(r.failed, t)
}

// place begins what a test logs: the file and line where it does.
var place = regexp.MustCompile(`^ +[\w.-]+\.go:[0-9]+: `)

// told is the most that the summary repeats of what a failed test said, the last of it: the
// whole stands above.
const told = 6

// partOf reports whether a test is a part of another.
func (t test) partOf(o test) bool { return t.pkg == o.pkg && strings.HasPrefix(t.name, o.name+"/") }

// reason is what a test said when it skipped.
func reason(output []string) string {
	for _, line := range output {
		if _, said, ok := strings.Cut(line, "_test.go:"); ok {
			_, said, _ = strings.Cut(said, ": ")
			return strings.TrimSpace(said)
		}
	}
	return "no reason said"
}

// pkg prints the line of a package that ended.
func (r *report) pkg(e event) {
	if e.Action == "skip" { // no test files
		return
	}
	r.packages++
	word := "ok  "
	if e.Action == "fail" {
		word = "FAIL"
		fmt.Print(strings.Join(r.building[e.FailedBuild], ""))
		rest := slices.DeleteFunc(r.output[e.Package+" "], func(line string) bool { return line == "FAIL\n" || strings.HasPrefix(line, "FAIL\t") })
		fmt.Print(strings.Join(rest, ""))
		tests := slices.ContainsFunc(r.failed, func(t test) bool { return t.pkg == e.Package })
		for key, lines := range r.output { // a panic ends what had not ended
			if name, ok := strings.CutPrefix(key, e.Package+" "); ok && name != "" {
				r.fail(test{pkg: e.Package, name: name}, lines)
				tests = false
			}
		}
		r.broken++
		if !tests {
			r.beyond++
		}
	}
	fmt.Printf("%s %7.2f s  %s\n", word, e.Elapsed, e.Package)
}

func (r *report) end(command []string, slowest int) {
	for _, t := range r.skipped {
		fmt.Printf("skipped: %s %s: %s\n", t.pkg, t.name, r.why[t])
	}
	if slowest > 0 {
		all := slices.Concat(r.passed, r.failed)
		slices.SortFunc(all, func(a, b test) int { return cmp.Compare(b.seconds, a.seconds) })
		fmt.Println("the slowest:")
		for _, t := range all[:min(slowest, len(all))] {
			fmt.Printf("%12.2f s  %s %s\n", t.seconds, t.pkg, t.name)
		}
	}
	top := func(all []test) int {
		return len(slices.DeleteFunc(slices.Clone(all), func(t test) bool { return strings.Contains(t.name, "/") }))
	}
	for _, t := range r.named() {
		fmt.Printf("failed: %s %s; alone: %s\n", t.pkg, t.name, alone(command, t))
		for _, line := range r.said[t][max(0, len(r.said[t])-told):] {
			fmt.Println("   ", line)
		}
	}
	fmt.Printf("%d packages; %d tests passed, %d failed, %d skipped, of %d with their parts\n",
		r.packages, top(r.passed), top(r.failed), top(r.skipped), len(r.passed)+len(r.failed)+len(r.skipped))
	fmt.Printf("%d passed, %d failed, %d skipped\n", len(r.passed), len(r.failed), len(r.skipped))
}

// named are the failed tests without those of which a part is among them.
func (r *report) named() []test {
	return slices.DeleteFunc(slices.Clone(r.failed), func(t test) bool {
		return slices.ContainsFunc(r.failed, func(o test) bool { return o.partOf(t) })
	})
}

// again runs what failed once more, one after the other with nothing beside it, where
// that is at most a few tests and nothing else. It reports whether all passed.
func (r *report) again(command []string, most int) bool {
	failed := r.named()
	if len(failed) > most || r.beyond > 0 {
		return false
	}
	for _, t := range failed {
		cmd := exec.Command("sh", "-c", alone(command, t)) //nolint:gosec // names of this module's tests
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			fmt.Printf("failed again: %s %s: %v\n", t.pkg, t.name, err)
			return false
		}
	}
	for _, t := range failed {
		fmt.Printf("failed beside others, passed alone: %s %s\n", t.pkg, t.name)
	}
	return true
}

// alone is the command that runs one test: as it ran, with its flags, for its package.
func alone(command []string, t test) string {
	var words []string
	skip := false
	for _, w := range command {
		switch {
		case skip:
			skip = false
		case w == "-run":
			skip = true
		case w == "-race" || strings.HasPrefix(w, "-tags") || strings.HasPrefix(w, "KEEPTUNE_") || w == "go" || w == "test":
			words = append(words, w)
		case w == "real" || w == "real long":
			words = append(words, "'"+w+"'")
		}
	}
	var parts []string
	for part := range strings.SplitSeq(t.name, "/") {
		parts = append(parts, "^"+regexp.QuoteMeta(part)+"$")
	}
	return fmt.Sprintf("%s -count=1 -run '%s' %s", strings.Join(words, " "), strings.Join(parts, "/"), t.pkg)
}
