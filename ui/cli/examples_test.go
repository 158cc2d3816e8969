package cli_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// An example is a command with the exit code and the lines that it has.
type example struct {
	args []string
	code int
	want [][]string // runs of lines that follow each other
}

// Every command of examples/README.md prints what stands there.
func TestExamples(t *testing.T) {
	t.Chdir("../../examples")
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	all := examples(string(data))
	if len(all) < 8 {
		t.Fatalf("%d examples were found", len(all))
	}
	for _, x := range all {
		code, out := run(t, x.args...)
		if code != x.code {
			t.Errorf("keeptune %s ends with %d, the example says %d", strings.Join(x.args, " "), code, x.code)
		}
		if missing := x.missing(string(out)); missing != "" {
			t.Errorf("keeptune %s does not print, where the example has it:\n%s", strings.Join(x.args, " "), missing)
		}
	}
}

// arguments are those of a command line; single quotes hold some together.
var arguments = regexp.MustCompile(`'[^']*'|\S+`)

// examples are the blocks of a page that begin with a command.
func examples(page string) (all []example) {
	for _, block := range strings.Split(page, "```console\n$ keeptune ")[1:] {
		block, _, _ = strings.Cut(block, "\n```")
		command, rest, _ := strings.Cut(block, "\n")
		x := example{want: [][]string{nil}}
		for _, w := range arguments.FindAllString(command, -1) {
			x.args = append(x.args, strings.Trim(w, "'"))
		}
		for line := range strings.Lines(rest) {
			line = strings.TrimRight(line, "\n")
			if n, err := fmt.Sscanf(line, "# ends with %d", &x.code); n == 1 && err == nil {
				continue
			}
			if line == "..." {
				x.want = append(x.want, nil)
				continue
			}
			last := len(x.want) - 1
			x.want[last] = append(x.want[last], line)
		}
		all = append(all, x)
	}
	return all
}

// missing is the first run of lines that the output does not have behind those before it.
func (x example) missing(out string) string {
	out = "\n" + out
	for _, run := range x.want {
		if len(run) == 0 {
			continue
		}
		text := "\n" + strings.Join(run, "\n") + "\n"
		at := strings.Index(out, text)
		if at < 0 {
			return strings.Trim(text, "\n")
		}
		out = out[at+len(text)-1:]
	}
	return ""
}

func TestExamplesFindAPlantedFault(t *testing.T) {
	t.Parallel()
	x := examples("```console\n$ keeptune check --path 'a > b'\n# ends with 1\n...\none\n...\ntwo\nthree\n```\n")[0]
	if x.code != 1 || len(x.args) != 3 || x.args[2] != "a > b" {
		t.Errorf("read as %v", x)
	}
	for out, missing := range map[string]bool{
		"zero\none\nfour\ntwo\nthree\n": false,
		"one\ntwo\nthree\n":             false,
		"two\nthree\none\n":             true,
		"one\ntwo\nfour\nthree\n":       true,
		"someone\ntwo\nthree\n":         true,
	} {
		if got := x.missing(out); (got != "") != missing {
			t.Errorf("%q: missing %q", out, got)
		}
	}
}
