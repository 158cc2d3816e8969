package proof_test

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
)

// runsFile is what `make prove` keeps.
const runsFile = "testdata/runs.tsv"

// kept is one version of a server that was measured, and when the packets say it ended
// connections.
type kept struct {
	System       model.SystemID
	Version      model.Version
	From         string   // where the program came from, such as "Debian sid"
	Seen         string   // the day, YYYY-MM-DD
	Sets         []string // settings that differ from the program's defaults
	Idle, Before *span    // the first and the last end; nil where none was due in the run
	Waited       time.Duration
}

// runColumns are the columns of the file.
var runColumns = []string{"system", "version", "from", "seen", "settings", "idle", "before-request", "waited"}

// row is the line of the file.
func (r *kept) row() string {
	show := func(s *span) string {
		if s == nil {
			return "-"
		}
		return s.low.Round(time.Millisecond).String() + " " + s.high.Round(time.Millisecond).String()
	}
	sets := strings.Join(r.Sets, ",")
	if sets == "" {
		sets = "-"
	}
	return strings.Join([]string{
		string(r.System), string(r.Version), r.From, r.Seen, sets, show(r.Idle), show(r.Before), r.Waited.Round(time.Millisecond).String(),
	}, "\t")
}

// parseRun reads a line of the file.
func parseRun(line string) (*kept, error) {
	f := strings.Split(line, "\t")
	if len(f) != len(runColumns) {
		return nil, fmt.Errorf("%d columns; it must have %d: %s", len(f), len(runColumns), strings.Join(runColumns, ", "))
	}
	r := &kept{System: model.SystemID(f[0]), Version: model.Version(f[1]), From: f[2], Seen: f[3]}
	if f[4] != "-" {
		r.Sets = strings.Split(f[4], ",")
	}
	for i, to := range []**span{&r.Idle, &r.Before} {
		text := f[5+i]
		if text == "-" {
			continue
		}
		low, high, _ := strings.Cut(text, " ")
		a, err := time.ParseDuration(low)
		b, err2 := time.ParseDuration(high)
		if err != nil || err2 != nil || a > b {
			return nil, fmt.Errorf("%s is %q; it must be two times, the earlier first", runColumns[5+i], text)
		}
		*to = &span{a, b}
	}
	var err error
	r.Waited, err = time.ParseDuration(f[7])
	return r, err
}

// readRuns reads the file, whose first line names the columns.
func readRuns(t testing.TB) []*kept {
	t.Helper()
	file, err := os.Open(runsFile)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var runs []*kept
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		if n == 1 {
			if lines.Text() != strings.Join(runColumns, "\t") {
				t.Fatalf("%s:1: the columns are %q", runsFile, lines.Text())
			}
			continue
		}
		r, err := parseRun(lines.Text())
		if err != nil {
			t.Fatalf("%s:%d: %v", runsFile, n, err)
		}
		runs = append(runs, r)
	}
	return runs
}

// disagrees says what a run and the catalog at its version disagree about, "" where nothing.
func (r *kept) disagrees(t testing.TB) string {
	t.Helper()
	_, _, idle, before := limitsOf(t, string(r.System)+"@"+string(r.Version), r.Sets)
	for _, x := range []struct {
		what string
		want span
		got  *span
	}{{"an idle connection", idle, r.Idle}, {"one that never asked", before, r.Before}} {
		if x.got != nil && (!x.want.holds(x.got.low, r.Waited) || !x.want.holds(x.got.high, r.Waited)) {
			return fmt.Sprintf("%s ended after %v, the catalog says %v", x.what, *x.got, x.want)
		}
	}
	return ""
}

// Whatever version was measured, the catalog says of it what was seen; where two versions
// differ, one row cannot hold for both.
func TestRunsAgreeWithTheCatalog(t *testing.T) {
	runs := readRuns(t)
	if len(runs) == 0 {
		t.Fatal("no runs")
	}
	for _, r := range runs {
		if why := r.disagrees(t); why != "" {
			t.Errorf("%s %s (%s, %s) with %v: %s", r.System, r.Version, r.From, r.Seen, r.Sets, why)
		}
	}
}

// The version that the catalog calls proved, and the one it assumes where none is given or a
// later one, were among those measured.
func TestRunsHoldWhatIsProved(t *testing.T) {
	runs := readRuns(t)
	for _, id := range []model.SystemID{"nginx", "haproxy", "lighttpd"} {
		s, err := model.Embedded().System(id)
		if err != nil {
			t.Fatal(err)
		}
		proved := s.ProofOf(model.FaceServer)
		if !slices.ContainsFunc(runs, func(r *kept) bool { return r.System == id && r.Version == proved.Version }) {
			t.Errorf("%s: %s is called proved, and no run of it is kept", id, proved.Version)
		}
		if !slices.ContainsFunc(runs, func(r *kept) bool { return r.System == id && s.Order.Compare(r.Version, s.Assume) >= 0 }) {
			t.Errorf("%s: no version from %s on, which is assumed, was run", id, s.Assume)
		}
	}
}

var update = flag.Bool("update", false, "write the versions that were run into the catalog")

// The catalog names every version that was run, so that what is told of one in between is true.
func TestTheCatalogNamesEveryRun(t *testing.T) {
	versions := map[model.SystemID][]model.Version{}
	for _, r := range readRuns(t) {
		versions[r.System] = append(versions[r.System], r.Version)
	}
	for id, all := range versions {
		s, err := model.Embedded().System(id)
		if err != nil {
			t.Fatal(err)
		}
		p := s.ProofOf(model.FaceServer)
		if p == nil {
			t.Errorf("%s was run, and has no [[proved]]", id)
			continue
		}
		slices.SortFunc(all, s.Order.Compare)
		all = slices.DeleteFunc(slices.Compact(all), func(v model.Version) bool { return v == p.Version })
		if slices.Equal(all, p.Also) {
			continue
		}
		if !*update {
			t.Errorf("%s was run at %v beside %s, its [[proved]] says %v: go test ./tuning/proof -update", id, all, p.Version, p.Also)
			continue
		}
		nameRuns(t, id, all)
	}
}

// nameRuns writes the versions into a system's file, behind the one that is proved.
func nameRuns(t *testing.T, id model.SystemID, all []model.Version) {
	t.Helper()
	name := filepath.Join("..", "..", "model", "catalog", string(id)+".toml")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	quoted := make([]string, len(all))
	for i, v := range all {
		quoted[i] = strconv.Quote(string(v))
	}
	block := regexp.MustCompile(`(\[\[proved\]\]\nface = "server"\nversion = [^\n]+\n)(also = [^\n]+\n)?`)
	out := block.ReplaceAllString(string(b), "${1}also = ["+strings.Join(quoted, ", ")+"]\n")
	if err := os.WriteFile(name, []byte(out), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestARunThatDisagreesIsTold(t *testing.T) {
	for line, agrees := range map[string]bool{
		"nginx\t1.30.6\tDebian sid\t2026-11-29\t-\t1m15.001s 1m15.02s\t-\t0s":                         true,
		"nginx\t1.30.6\tDebian sid\t2026-11-29\t-\t1m14.749s 1m15.02s\t-\t0s":                         false,
		"nginx\t1.30.6\tDebian sid\t2026-11-29\t-\t1m15.001s 1m15.6s\t-\t0s":                          false,
		"nginx\t1.30.6\tDebian sid\t2026-11-29\t-\t1m15.001s 1m15.6s\t-\t400ms":                       true,
		"nginx\t1.30.6\tDebian sid\t2026-11-29\tkeepalive_timeout=3s\t3.001s 3.02s\t1m0s 1m0.1s\t0s":  true,
		"nginx\t1.30.6\tDebian sid\t2026-11-29\tkeepalive_timeout=3s\t3.001s 3.02s\t58.9s 1m0.1s\t0s": false,
		"lighttpd\t1.4.85\tDebian sid\t2026-11-29\t-\t5.4s 6.3s\t-\t0s":                               true,
		"lighttpd\t1.4.85\tDebian sid\t2026-11-29\t-\t5.4s 9s\t-\t0s":                                 false,
	} {
		r, err := parseRun(line)
		if err != nil {
			t.Fatal(err)
		}
		if r.row() != line {
			t.Errorf("read and written again:\n%q\n%q", line, r.row())
		}
		if why := r.disagrees(t); (why == "") != agrees {
			t.Errorf("%q: %q", line, why)
		}
	}
	for _, line := range []string{"nginx\t1.30.6", strings.Repeat("\t", len(runColumns)-1), "a\t1\tb\tc\t-\t3s 2s\t-\t0s"} {
		if _, err := parseRun(line); err == nil {
			t.Errorf("%q is read without an error", line)
		}
	}
}

// Where two versions that were run differ, the catalog tells them apart.
func TestRunsThatDiffer(t *testing.T) {
	for _, x := range []struct {
		server, set  string
		idle, before span
	}{
		{"gunicorn@26.1.0", "keepalive=3s", span{3 * time.Second, 4100 * time.Millisecond}, span{model.Never, model.Never}},
		{"gunicorn@26.2", "keepalive=3s", span{3 * time.Second, 4100 * time.Millisecond}, span{8 * time.Second, 9100 * time.Millisecond}},
		{"caddy@2.10.0", "read_header_timeout=4s", span{300 * time.Second, 300050 * time.Millisecond}, span{4 * time.Second, 4 * time.Second}},
		{"caddy@2.10.1", "read_header_timeout=4s", span{300 * time.Second, 300050 * time.Millisecond}, span{model.Never, model.Never}},
		{"sshd@9.7", "LoginGraceTime=3s", span{model.Never, model.Never}, span{3 * time.Second, 3 * time.Second}},
		{"sshd@9.8", "LoginGraceTime=3s", span{model.Never, model.Never}, span{3 * time.Second, 7 * time.Second}},
	} {
		if _, _, idle, before := limitsOf(t, x.server, []string{x.set}); idle != x.idle || before != x.before {
			t.Errorf("%s with %s: idle %v, before a request %v; want %v and %v", x.server, x.set, idle, before, x.idle, x.before)
		}
	}
}

// Where a server of another protocol waits for signs of life, its clients' silence has an end.
func TestSilenceOfOtherProtocols(t *testing.T) {
	for _, x := range []struct {
		server       string
		sets         []string
		idle, before span
	}{
		{"mosquitto@2.0.11", []string{"client:keepalive=4s"}, span{6 * time.Second, 12200 * time.Millisecond}, span{model.Never, model.Never}},
		{"mosquitto@2.0.21", []string{"client:keepalive=4s"}, span{6 * time.Second, 7 * time.Second}, span{model.Never, model.Never}},
		{"nats-server@2.15.3", []string{"ping_interval=3s", "ping_max=1"}, span{3 * time.Second, 6800 * time.Millisecond}, span{3 * time.Second, 6800 * time.Millisecond}},
		{"rabbitmq@4.0", []string{"heartbeat=4s", "handshake_timeout=6s"}, span{8 * time.Second, 12 * time.Second}, span{6 * time.Second, 6 * time.Second}},
		{"memcached@1.6.45", nil, span{model.Never, model.Never}, span{model.Never, model.Never}},
	} {
		if _, _, idle, before := limitsOf(t, x.server, x.sets); idle != x.idle || before != x.before {
			t.Errorf("%s with %v: idle %v, before a request %v; want %v and %v", x.server, x.sets, idle, before, x.idle, x.before)
		}
	}
}
