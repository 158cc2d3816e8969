package tuning_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// measuredRows is what real programs and kernels were seen to do in November 2026, a line each,
// and where it is held: the path and the settings of which it is asked, what is looked at, and
// the value that was measured. "test", "run" and "finding" name what holds it elsewhere.
const measuredRows = "testdata/measured.tsv"

// Looks are what can be looked at.
var looks = map[string]func(t *testing.T, r *tuning.Report) string{
	"idle": func(_ *testing.T, r *tuning.Report) string { return spanOf(far(r), model.RoleIdle) },
	"first request": func(_ *testing.T, r *tuning.Report) string {
		return spanOf(far(r), model.RoleFirstByte, model.RoleHeader, model.RoleIdle)
	},
	"header":      func(_ *testing.T, r *tuning.Report) string { return spanOf(far(r), model.RoleHeader) },
	"client idle": func(_ *testing.T, r *tuning.Report) string { return spanOf(&r.Legs[0].Client, model.RoleIdle) },
	"limit": func(_ *testing.T, r *tuning.Report) string {
		l := &r.Legs[0].Limit
		return between(l.Idle, l.High)
	},
	"limit by":      func(_ *testing.T, r *tuning.Report) string { return string(r.Legs[0].Limit.By) },
	"closes":        func(_ *testing.T, r *tuning.Report) string { return string(far(r).Face.Close) },
	"client closes": func(_ *testing.T, r *tuning.Report) string { return string(r.Legs[0].Client.Face.Close) },
	"verdict":       func(_ *testing.T, r *tuning.Report) string { return string(r.Legs[0].Limit.Verdict) },
	"told": func(_ *testing.T, r *tuning.Report) string {
		if d, ok := r.Legs[0].Told(); ok {
			return d.String()
		}
		return "nothing"
	},
	"client probes": func(_ *testing.T, r *tuning.Report) string { return probesOf(&r.Legs[0].Client) },
	"probes":        func(_ *testing.T, r *tuning.Report) string { return probesOf(far(r)) },
	"dead peer": func(_ *testing.T, r *tuning.Report) string {
		d := r.Legs[len(r.Legs)-1].Detection.Server.Idle
		return between(d.Low.Round(10*time.Millisecond), d.High.Round(10*time.Millisecond))
	},
}

// far is the server of the last leg.
func far(r *tuning.Report) *tuning.Side { return &r.Legs[len(r.Legs)-1].Server }

func spanOf(s *tuning.Side, roles ...model.Role) string {
	for _, role := range roles {
		if row := s.First(role); row != nil {
			if d, ok := row.Value.Duration(); !ok || d == model.Never {
				return "never"
			}
			return between(row.Low, row.High)
		}
	}
	return "nothing"
}

func between(low, high time.Duration) string {
	if low == model.Never {
		return "never"
	}
	return low.String() + " " + high.String()
}

func probesOf(s *tuning.Side) string {
	if !s.Kernel.KeepAlive {
		return "off"
	}
	return fmt.Sprintf("%s %s %d", s.Kernel.Idle, s.Kernel.Every, s.Kernel.Count)
}

// settingOf is what a setting of the path's ends is, as SYSTEM.NAME.
func settingOf(r *tuning.Report, name string) string {
	for _, s := range []*tuning.Side{far(r), &r.Legs[0].Client, &r.Legs[0].Server} {
		if row := s.Row(model.ParamID(name)); row != nil {
			return row.Value.String()
		}
	}
	return "nothing"
}

// testNames are the tests of the repository.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names, pattern := map[string]bool{}, regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range pattern.FindAllSubmatch(b, -1) {
			names[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func reads(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// Whatever was measured is what is said of it, or has a test, a run or a finding of its own.
func TestMeasuredIsHeld(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 250)
	names, runs := testNames(t), reads(t, "proof/testdata/runs.tsv")
	lines := strings.Split(strings.TrimSpace(reads(t, measuredRows)), "\n")
	const columns = "section\trow\tpath\tsettings\tlook\twant"
	if lines[0] != columns {
		t.Fatalf("%s:1: %q", measuredRows, lines[0])
	}
	sections := map[string]int{}
	for n, line := range lines[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 6 {
			t.Fatalf("%s:%d: %d columns", measuredRows, n+2, len(f))
		}
		section, row, path, sets, look, want := f[0], f[1], f[2], f[3], f[4], f[5]
		sections[section]++
		fail := func(got string) {
			t.Errorf("%s:%d: %s, %s of %s %s is %s, not %s", measuredRows, n+2, row, look, path, sets, got, want)
		}
		switch look {
		case "test":
			if !names[want] {
				fail("not there")
			}
			continue
		case "run":
			if !strings.Contains(runs, "\n"+strings.ReplaceAll(want, " ", "\t")+"\t") {
				fail("not kept")
			}
			continue
		case "finding":
			if _, err := os.Stat("../findings/" + want + ".sh"); err != nil {
				fail(err.Error())
			}
			continue
		case "says":
			if !strings.Contains(reads(t, "../model/catalog/"+path+".toml"), want) {
				fail("not said")
			}
			continue
		}
		var given []string
		if sets != "-" {
			given = strings.Split(sets, ",")
		}
		r, err := tuning.Analyze(document(t, c, path, given...), env)
		if err != nil {
			t.Errorf("%s:%d: %v", measuredRows, n+2, err)
			continue
		}
		got := ""
		if name, ok := strings.CutPrefix(look, "setting "); ok {
			got = settingOf(&r, name)
		} else if see := looks[look]; see != nil {
			got = see(t, &r)
		} else {
			t.Fatalf("%s:%d: nobody knows how to look at %q", measuredRows, n+2, look)
		}
		if got != want {
			fail(got)
		}
	}
	for _, section := range []string{"runtimes", "newest releases", "beyond HTTP", "kernels and more"} {
		if sections[section] == 0 {
			t.Errorf("no rows of %s", section)
		}
	}
}
