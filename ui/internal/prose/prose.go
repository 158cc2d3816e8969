// Package prose finds what no text for a person may have, for the tests of all that
// is printed.
package prose

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/charmbracelet/x/ansi"
)

var faults = []struct {
	name string
	re   *regexp.Regexp
	has  []string // one of them is in all that the expression finds, and most texts have none
}{
	{
		"an internal text",
		regexp.MustCompile(`strconv\.|%!|<nil>|map\[|\b(?:model|tuning|native|probe|session|store|part|pane)\.[A-Z]\w+|0xc0[0-9a-f]{6}|invalid syntax|unexpected EOF|runtime error`),
		[]string{"strconv.", "%!", "<nil>", "map[", "0xc0", "invalid syntax", "unexpected EOF", "runtime error", "model.", "tuning.", "native.", "probe.", "session.", "store.", "part.", "pane."},
	},
	{
		"an empty name",
		regexp.MustCompile(`\w [.,;:](?:\s|$)|''  |""  |\b(?:of|by|for|from|with|than|between|and|owns|behind|before)  [a-z]`),
		[]string{" .", " ,", " ;", " :", "''  ", `""  `, "of  ", "by  ", "for  ", "from  ", "with  ", "than  ", "between  ", "and  ", "owns  ", "behind  ", "before  "},
	},
	{
		"a phrase that misleads",
		regexp.MustCompile(`\bpiles? up\b|\bdrop them\b|take effect.*take effect`),
		[]string{"pile up", "piles up", "drop them", "take effect"},
	},
	{
		"a value that was never filled in",
		regexp.MustCompile(`\bafter never\b|— never —|\bevery never\b|\bfor never\b|\b0 s of silence\b|\b1 (?:requests|seconds|files|changes|hops|legs|probes)\b`),
		[]string{"after never", "— never —", "every never", "for never", "0 s of silence", "1 requests", "1 seconds", "1 files", "1 changes", "1 hops", "1 legs", "1 probes"},
	},
}

// Faults names what is wrong with a text: an internal word, an empty name, a word or
// a clause twice. Columns of a screen stand apart by two spaces or a frame.
func Faults(text string) []string {
	if found, ok := read.Load(text); ok {
		return found.([]string)
	}
	found := faultsOf(text)
	read.Store(text, found)
	return found
}

// read holds what was found in texts before: screens repeat most of their lines.
var read sync.Map

func faultsOf(text string) []string {
	var found []string
	for _, f := range faults {
		if !hasAny(text, f.has) {
			continue
		}
		if m := f.re.FindString(text); m != "" {
			found = append(found, f.name+": "+m)
		}
	}
	for column := range columns(text) {
		words := strings.Fields(column)
		for i := 1; i < len(words); i++ {
			if w := strings.ToLower(words[i]); w == strings.ToLower(words[i-1]) && letters.MatchString(w) {
				found = append(found, "a word twice: "+words[i-1]+" "+words[i])
			}
		}
		if !hasAny(column, ends) {
			continue
		}
		clauses := split.Split(strings.TrimRight(column, ". "), -1)
		for i, c := range clauses {
			c = strings.TrimSpace(c)
			if strings.Count(c, " ") > 1 && strings.Contains("\x00"+strings.Join(trimmed(clauses[:i]), "\x00")+"\x00", "\x00"+c+"\x00") {
				found = append(found, "a clause twice: "+c)
			}
		}
	}
	return found
}

var (
	letters = regexp.MustCompile(`^[a-z]{2,}$`)
	split   = regexp.MustCompile(`[.;:,] `)
	gaps    = regexp.MustCompile(` {2,}|[|│]`)
	ends    = []string{". ", "; ", ": ", ", "} // what split finds
	between = []string{"  ", "|", "│"}         // what is in all that gaps finds
)

func hasAny(text string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

func columns(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		if !hasAny(text, between) {
			yield(text)
			return
		}
		for _, c := range gaps.Split(text, -1) {
			if !yield(c) {
				return
			}
		}
	}
}

func trimmed(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, strings.TrimSpace(s))
	}
	return out
}

// Wide lists the lines of a text that are over w cells.
func Wide(text string, w int) []string {
	var wide []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\n"); ansi.StringWidth(line) > w {
			wide = append(wide, line)
		}
	}
	return wide
}
