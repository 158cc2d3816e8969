package overlay

import (
	"cmp"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// rank is how well a system fits what was typed; false when not at all. Lower
// is better: the id itself, its beginning, a name, a word, letters in order,
// one slip of the finger.
func rank(s *model.System, typed string) (int, bool) {
	t := strings.ToLower(strings.TrimSpace(typed))
	if t == "" {
		return 0, true
	}
	names := append([]string{string(s.ID), strings.ToLower(s.Name)}, s.Aliases...)
	best, found := 0, false
	take := func(score int) {
		if !found || score < best {
			best, found = score, true
		}
	}
	for i, n := range names {
		n = strings.ToLower(n)
		switch {
		case n == t:
			take(i)
		case strings.HasPrefix(n, t):
			take(20 + i)
		case strings.Contains(n, t):
			take(40 + i)
		case subsequence(n, t):
			take(100 + len(n))
		case len(t) > 2 && slips(n, t) <= 1:
			take(90)
		}
	}
	if strings.HasPrefix(s.Kind, t) {
		take(60)
	}
	if len(t) > 2 && strings.Contains(strings.ToLower(s.Text), t) {
		take(80)
	}
	return best, found
}

// subsequence reports whether the letters of t occur in s in this order.
func subsequence(s, t string) bool {
	rest := []rune(t)
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
func matches(all []*model.System, recent []model.SystemID, typed string) []*model.System {
	type scored struct {
		s *model.System
		n int
	}
	var found []scored
	for _, s := range all {
		n, ok := rank(s, typed)
		if !ok {
			continue
		}
		if i := slices.Index(recent, s.ID); i >= 0 && strings.TrimSpace(typed) == "" {
			n = i - len(recent)
		}
		found = append(found, scored{s, n})
	}
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(a.n, b.n) })
	out := make([]*model.System, len(found))
	for i, f := range found {
		out[i] = f.s
	}
	return out
}
