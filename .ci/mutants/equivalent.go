package main

import (
	"fmt"
	"os"
	"path"
	"strings"
)

// equivalents are faults that change nothing anybody could see. A line of their file is
//
//	FOLDER/FILE FUNCTION kind: what stands there => why nobody can see it
//
// and lines that begin with # are remarks.
type equivalents struct {
	file  string
	lines map[string]int // number of the line
	wrong []error
}

func readEquivalents(file string) (*equivalents, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	all := &equivalents{file, map[string]int{}, nil}
	n := 0
	for l := range strings.Lines(string(b)) {
		n++
		if l = strings.TrimSpace(l); l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		which, why, ok := strings.Cut(l, " => ")
		if !ok || strings.TrimSpace(why) == "" {
			return nil, fmt.Errorf("%s:%d: %q has no reason; write one after =>", file, n, l)
		}
		all.lines[strings.TrimSpace(which)] = n
	}
	return all, nil
}

func which(dir string, f fault) string {
	return fmt.Sprintf("%s/%s %s %s: %s", dir, f.file, f.in, f.kind, f.text)
}

// looked finds lines of a folder's files that name no fault of the package.
func (e *equivalents) looked(dir string, p *pkg, c choice) {
	there := map[string]bool{}
	for _, f := range p.faults {
		there[which(dir, f)] = true
	}
	for l, n := range e.lines {
		file, _, _ := strings.Cut(l, " ")
		if name := path.Base(file); path.Dir(file) == dir && c.only.MatchString(name) && !c.exclude.MatchString(name) && !there[l] {
			e.wrong = append(e.wrong, fmt.Errorf("%s:%d: there is no %q any more; take the line out", e.file, n, l))
		}
	}
}

// judge makes a fault that survived for a reason one that is equivalent.
func (e *equivalents) judge(dir string, f fault, is end) end {
	switch n := e.lines[which(dir, f)]; {
	case n == 0:
		return is
	case is == noticed:
		e.wrong = append(e.wrong, fmt.Errorf("%s:%d: a test notices it; take the line out", e.file, n))
		return is
	case is == survived:
		return equal
	}
	return is
}
