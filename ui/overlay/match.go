package overlay

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"example.com/keeptune/model"
)

// Costs of a match, the lower the better. Within one, the order of the names
// and of the catalog decides.
const (
	costExact  = 0   // the id, a name or an alias; the place in the list is added
	costKind   = 12  // the kind of system
	costFront  = 20  // how a name begins
	costWord   = 30  // how a word of a name begins
	costInside = 45  // somewhere in a name
	costWords  = 50  // each word typed, in any order; what each costs is added
	costSlips  = 70  // a name with slips of the finger
	costText   = 80  // in what is said of it
	costLetter = 100 // the letters in order, few left out: only where nothing else fits
)

// rank is how well a system fits what was typed; false when not at all.
func rank(e *model.Entry, typed string) (int, bool) {
	t := spaced(typed)
	if t == "" {
		return 0, true
	}
	best, found := 0, false
	take := func(cost int, fits bool) {
		if fits && (!found || cost < best) {
			best, found = cost, true
		}
	}
	names := append([]string{string(e.ID), e.Name}, e.Aliases...)
	q := joined(t)
	for i, n := range names {
		n = spaced(n)
		whole := joined(n)
		i = min(i, 9)
		take(costExact+i, whole == q)
		take(costFront+i, strings.HasPrefix(whole, q))
		take(costWord+i, strings.Contains(" "+n, " "+t))
		take(costInside+i, len(q) > 1 && strings.Contains(whole, q))
		if off := slips(whole, q); len(q) > 3 {
			take(costSlips+3*off, off <= allowed(q))
			take(costWords+3+2*off, off <= allowed(q) && i < 2) // before one that has the word among others
		}
		take(costLetter+len(whole), shortened(whole, q))
	}
	take(costKind, isKind(e.Kind, q))
	cost, fits := wordByWord(e, names, strings.Fields(t))
	take(costWords+cost, fits)
	take(costText, len(t) > 2 && strings.Contains(spaced(e.Text), t))
	return best, found
}

// isKind reports whether a kind is meant: proxy, proxies, app server, prox.
func isKind(kind, q string) bool {
	k := joined(spaced(kind))
	several := []string{k + "s", k + "es", strings.TrimSuffix(k, "y") + "ies"}
	return q == k || slices.Contains(several, q) || len(q) > 2 && strings.HasPrefix(k, q)
}

// wordByWord finds each word typed among the names, the kind and the text, in
// any order.
func wordByWord(e *model.Entry, names, typed []string) (int, bool) {
	named := strings.Fields(spaced(strings.Join(names, " ")))
	told := strings.Fields(spaced(e.Kind + " " + e.Text))
	sum := 0
	for _, t := range typed {
		cost, ok := nearestWord(named, t)
		if far, also := nearestWord(told, t); also && (!ok || far+4 < cost) {
			cost, ok = far+4, true
		}
		if !ok {
			return 0, false
		}
		sum += cost
	}
	return min(sum, costSlips-costWords-1), true
}

// nearestWord is what the best of words costs: itself, its beginning, a slip.
func nearestWord(words []string, t string) (best int, found bool) {
	for _, w := range words {
		cost := -1
		switch {
		case w == t:
			cost = 0
		case strings.HasPrefix(w, t):
			cost = 2
		case len(t) > 3 && slips(w, t) <= allowed(t):
			cost = 4 + 2*slips(w, t)
		}
		if cost >= 0 && (!found || cost < best) {
			best, found = cost, true
		}
	}
	return best, found
}

// allowed is how many slips of the finger are forgiven in a word.
func allowed(t string) int {
	if len(t) < 8 {
		return 1
	}
	return 2
}

// spaced is lower-case text with a space for everything that is no letter and
// no digit.
func spaced(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
}

func joined(text string) string { return strings.ReplaceAll(text, " ", "") }

// shortened reports whether t is s with letters left out: it begins as s does,
// and has at least half of it.
func shortened(s, t string) bool {
	rest := []rune(t)
	if len(t) < 2 || len(s) > 2*len(t) || s == "" || s[0] != t[0] {
		return false
	}
	for _, r := range s {
		if len(rest) > 0 && r == rest[0] {
			rest = rest[1:]
		}
	}
	return len(rest) == 0
}

// slips counts the letters to add, drop, change or swap between t and the
// beginning of s.
func slips(s, t string) int {
	a, b := []rune(s), []rune(t)
	a = a[:min(len(a), len(b)+1)]
	prev2, prev := []int(nil), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	best := prev[len(b)]
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev = prev, row
		best = min(best, prev[len(b)])
	}
	return best
}

// matches are the systems that fit, best first; with nothing typed, those used
// recently come first.
func matches(all []*model.Entry, recent []model.SystemID, typed string) []*model.Entry {
	type scored struct {
		e *model.Entry
		n int
	}
	var found []scored
	nothing := spaced(typed) == ""
	for _, e := range all {
		n, ok := rank(e, typed)
		if !ok {
			continue
		}
		if i := slices.Index(recent, e.ID); i >= 0 && nothing {
			n = i - len(recent)
		}
		found = append(found, scored{e, n})
	}
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(a.n, b.n) })
	var out []*model.Entry
	for _, f := range found {
		if f.n >= costLetter && found[0].n < costLetter {
			break
		}
		out = append(out, f.e)
	}
	return out
}
