package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/rogpeppe/go-internal/txtar"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/cli"
	"example.com/keeptune/ui/cli/wire"
)

// A fieldCase is a situation that somebody reported: what they had, and what
// is right to say of it. Findings above info are all of them; those at info are
// held only where the case names them.
type fieldCase struct {
	Path   string
	Set    []string
	Where  []string // contexts of the configurations, as --where takes them
	End    string   // whose a host's file is
	Why    string   // why that is right, in a sentence or two
	Source string   // where the situation was told, in a line

	Leg      int    // the leg that is meant, 1 unless said
	Limit    string // 75s, 8s..12s, none, closed each time, not known
	By       string // ENDPOINT PARAM that causes it
	Verdict  string
	Exit     int
	Findings []string // RULE severity, RULE severity leg 2
	Remedy   string   // the first remedy of the first finding: KEY=VALUE or only KEY as --set takes it, or one of several ( | ); none
	Offers   []string // KEY=VALUE each of remedies that the first finding offers somewhere
	Ends     []string // server in_flight 924s..1048s: when a dead connection ends in a state; holds, of what was measured
	Unused   []string // FILE:LINE of lines that are told of as not used
	Says     []string // what a reason has to say
	Unsaid   []string // and what none may say

	files []txtar.File
}

// notYet lists the cases that are right and not yet told so, with what is
// missing. A case that passes has to leave it.
var notYet = map[string]string{}

func TestField(t *testing.T) {
	files, err := filepath.Glob("testdata/field/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 60 {
		t.Errorf("%d cases, at least 60 are meant to be there", len(files))
	}
	known, b := map[string]bool{}, newBench(t)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		known[name] = true
		t.Run(name, func(t *testing.T) {
			c := readField(t, file)
			wrong := c.wrong(t, b)
			switch missing, listed := notYet[name]; {
			case listed && len(wrong) == 0:
				t.Errorf("the case is right now; take it off the list (%s)", missing)
			case !listed && len(wrong) > 0:
				t.Errorf("%s", strings.Join(wrong, "\n"))
			}
		})
	}
	for name := range notYet {
		if !known[name] {
			t.Errorf("the list names %s, which is no case", name)
		}
	}
}

func readField(t *testing.T, file string) fieldCase {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := fieldCase{Leg: 1, files: archive.Files}
	if err := model.ReadTOML(file, archive.Comment, &c); err != nil {
		t.Fatal(err)
	}
	var said map[string]any
	if err := toml.Unmarshal(archive.Comment, &said); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"path", "why", "source", "limit", "verdict", "findings"} {
		if _, ok := said[key]; !ok {
			t.Errorf("the case does not say its %s", key)
		}
	}
	return c
}

// A told is what keeptune check prints as JSON, as far as cases are about it.
type told struct {
	Legs []struct {
		Limit struct {
			Idle     *float64 `json:"idle_s"`
			High     *float64 `json:"high_s"`
			Endpoint *string
			Param    *string
			Verdict  string
			Reused   bool
			Because  []string
		}
		Ends struct{ Client, Server map[string]toldEnd }
	}
	Findings []toldFinding
	Path     struct {
		Grade struct {
			Grade   *string
			Because string
		}
	}
	Unused []struct {
		File string
		Line int
	}
}

type toldEnd struct {
	Low  *float64 `json:"low_s"`
	High *float64 `json:"high_s"`
}

type toldFinding struct {
	Rule, Severity string
	Leg            int
	Because        []string
	Remedies       []struct{ Set map[string]string }
}

func (f toldFinding) String() string {
	if f.Leg == 1 {
		return f.Rule + " " + f.Severity
	}
	return fmt.Sprintf("%s %s leg %d", f.Rule, f.Severity, f.Leg)
}

// wrong runs keeptune check and lists all that differs from what is right.
func (c *fieldCase) wrong(t *testing.T, b *bench) []string {
	t.Helper()
	code, got, err := c.check(t, b)
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	differ := func(what string, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			wrong = append(wrong, fmt.Sprintf("%s: %v, right is %v", what, got, want))
		}
	}
	if c.Leg < 1 || c.Leg > len(got.Legs) {
		return []string{fmt.Sprintf("there is no leg %d of %d", c.Leg, len(got.Legs))}
	}
	leg := got.Legs[c.Leg-1]
	differ("exit code", code, c.Exit)
	differ("verdict", leg.Limit.Verdict, c.Verdict)
	differ("limit", limitWords(leg.Limit.Idle, leg.Limit.High, c.Limit, leg.Limit.Reused, leg.Limit.Verdict), c.Limit)
	by := ""
	if leg.Limit.Endpoint != nil && leg.Limit.Param != nil {
		by = *leg.Limit.Endpoint + " " + *leg.Limit.Param
	}
	differ("limit by", by, c.By)
	differ("findings", c.findings(got.Findings), slices.Sorted(slices.Values(c.Findings)))
	for _, f := range got.Findings {
		if len(c.Offers) > 0 && f.String() == c.Findings[0] {
			for _, want := range c.Offers {
				if all := f.offers(); !slices.Contains(all, want) {
					differ("remedies of "+f.Rule, all, want)
				}
			}
			break
		}
		if c.Remedy != "" && f.String() == c.Findings[0] {
			if first := firstRemedy(f, strings.Contains(c.Remedy, "=")); !slices.Contains(strings.Split(c.Remedy, " | "), first) {
				differ("first remedy of "+f.Rule, first, c.Remedy)
			}
			break
		}
	}
	for _, want := range c.Ends {
		side, rest, _ := strings.Cut(want, " ")
		state, span, _ := strings.Cut(rest, " ")
		end := leg.Ends.Client[state]
		if side == "server" {
			end = leg.Ends.Server[state]
		}
		if measured, ok := strings.CutPrefix(span, "holds "); ok {
			if got := limitWords(end.Low, end.High, "..", true, ""); !holds(got, measured) {
				differ(side+" "+state, got, span)
			}
			continue
		}
		differ(side+" "+state, limitWords(end.Low, end.High, span, true, ""), span)
	}
	for _, want := range c.Unused {
		if !slices.ContainsFunc(got.Unused, func(l struct {
			File string
			Line int
		},
		) bool {
			return fmt.Sprintf("%s:%d", l.File, l.Line) == want
		}) {
			wrong = append(wrong, fmt.Sprintf("%s is not told of as not used: %v", want, got.Unused))
		}
	}
	reasons := strings.Join(leg.Limit.Because, "\n")
	for _, f := range got.Findings {
		reasons += "\n" + strings.Join(f.Because, "\n")
	}
	for _, text := range c.Says {
		if !strings.Contains(reasons, text) {
			wrong = append(wrong, fmt.Sprintf("no reason says %q", text))
		}
	}
	for _, text := range c.Unsaid {
		if strings.Contains(reasons, text) {
			wrong = append(wrong, fmt.Sprintf("a reason says %q", text))
		}
	}
	if len(wrong) > 0 {
		for _, f := range got.Findings {
			wrong = append(wrong, fmt.Sprintf("said: %s %q", f, f.Because))
		}
		wrong = append(wrong, fmt.Sprintf("said: because %q", leg.Limit.Because))
	}
	return wrong
}

// A bench checks many situations: one environment, one folder, and one file
// for what a command prints.
type bench struct {
	env *tuning.Env
	dir string
	out *os.File
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{env: tuning.NewEnv(model.Embedded(), 0), dir: t.TempDir()}
	var err error
	if b.out, err = os.Create(filepath.Join(b.dir, "out")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.out.Close() })
	return b
}

// run is the exit code of a command and what it printed.
func (b *bench) run(t *testing.T, args ...string) (int, []byte) {
	t.Helper()
	if _, err := b.out.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	code := cli.Main(args, os.Stdin, b.out, os.Stderr)
	n, err := b.out.Seek(0, io.SeekCurrent)
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, n)
	if _, err := b.out.ReadAt(data, 0); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return code, data
}

// check is what keeptune check tells of the path and the settings; where there
// are files, the command itself is run on them.
func (c *fieldCase) check(t *testing.T, b *bench) (code int, got told, err error) {
	t.Helper()
	var out []byte
	if len(c.files) > 0 {
		code, out = b.run(t, c.args(t, b)...)
	} else if code, out, err = b.judge(c.Path, c.Set, c.Remedy != "" || len(c.Offers) > 0); err != nil {
		return code, got, err
	}
	if err := json.Unmarshal(out, &got); err != nil || len(got.Legs) == 0 {
		return code, got, fmt.Errorf("exit code %d without a report: %s", code, model.Clean(string(out), 300))
	}
	return code, got, nil
}

// judge is the exit code and the JSON of a path with settings. Remedies are
// sought only where somebody asks for them, since that takes long.
func (b *bench) judge(path string, set []string, remedies bool) (int, []byte, error) {
	p, err := model.ParsePath(path, b.env.Catalog)
	if err != nil {
		return 2, nil, err
	}
	d, err := model.Document{Path: p}.Assign(b.env.Catalog, set...)
	if err != nil {
		return 2, nil, err
	}
	r, err := tuning.Analyze(d, b.env)
	if err != nil {
		return 2, nil, err
	}
	if remedies {
		r = tuning.Advised(d, b.env, r)
	}
	code := 0
	if slices.ContainsFunc(r.Findings, func(f tuning.Finding) bool { return f.Severity == tuning.Error }) {
		code = 1
	}
	out, err := json.Marshal(wire.FromReport(r, ""))
	return code, out, err
}

// args are those of keeptune check, with the files written where it finds them.
func (c *fieldCase) args(t *testing.T, b *bench) []string {
	t.Helper()
	args := []string{"check", "--path", c.Path, "--format", "json"}
	for _, s := range c.Set {
		args = append(args, "--set", s)
	}
	for _, w := range c.Where {
		args = append(args, "--where", w)
	}
	if c.End != "" {
		args = append(args, "--end", c.End)
	}
	for _, f := range c.files {
		name := filepath.Join(b.dir, filepath.Base(t.Name()), filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(f.Name, "/") { // those in folders are included
			args = append(args, name)
		}
	}
	return args
}

// findings are those above info, and the ones at info that the case names.
func (c *fieldCase) findings(all []toldFinding) []string {
	list := []string{}
	for _, f := range all {
		if f.Severity != "info" || slices.Contains(c.Findings, f.String()) {
			list = append(list, f.String())
		}
	}
	slices.Sort(list)
	return list
}

// offers are a finding's remedies as --set takes them.
func (f toldFinding) offers() []string {
	var all []string
	for i := range f.Remedies {
		all = append(all, firstRemedy(toldFinding{Remedies: f.Remedies[i:]}, true))
	}
	return all
}

// firstRemedy is a finding's first remedy as --set takes it, or only its keys.
func firstRemedy(f toldFinding, values bool) string {
	if len(f.Remedies) == 0 {
		return "none"
	}
	var words []string
	for _, key := range slices.Sorted(maps.Keys(f.Remedies[0].Set)) {
		if values {
			key += "=" + f.Remedies[0].Set[key]
		}
		words = append(words, key)
	}
	return strings.Join(words, " ")
}

// limitWords is a span as cases write it: one time where they give one, the
// lowest; LOW..HIGH where they give two; within a tenth of a second or a
// hundredth, whatever is more.
func limitWords(low, high *float64, like string, reused bool, verdict string) string {
	switch {
	case !reused:
		return "closed each time"
	case verdict == "unknown":
		return "not known"
	case low == nil:
		return "none"
	}
	words := strings.Split(like, "..")
	for i, s := range []*float64{low, high} {
		switch {
		case i >= len(words):
		case s == nil:
			words[i] = "never"
		default:
			got := time.Duration(*s * float64(time.Second)).Round(time.Millisecond)
			want, err := model.ParseSpan(words[i], time.Second)
			if err != nil || (got-want).Abs() > max(100*time.Millisecond, want/100) {
				words[i] = model.FormatSpan(got)
			}
		}
	}
	return strings.Join(words, "..")
}

// holds reports whether the span got holds the span of what was measured.
func holds(got, measured string) bool {
	var ends [4]time.Duration
	for i, text := range append(strings.Split(got, ".."), strings.Split(measured, "..")...) {
		d, err := model.ParseSpan(text, time.Second)
		if i > 3 || err != nil {
			return false
		}
		ends[i] = d
	}
	return ends[0] <= ends[2] && ends[3] <= ends[1]
}
