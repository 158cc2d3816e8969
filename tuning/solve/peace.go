package solve

import (
	"slices"

	"example.com/keeptune/tuning"
)

// contradiction is what two rules become where they pull in two directions.
const contradiction = "CAP-5"

// graver are the findings above information of after that before has not, or less
// gravely: counted by rule and leg.
func graver(before, after []tuning.Finding) []tuning.Finding {
	var found []tuning.Finding
	for i := range after {
		f := &after[i]
		if f.Severity == tuning.Info || count(after, f) <= count(before, f) {
			continue
		}
		found = append(found, *f)
	}
	return found
}

// count is how many findings of the same rule there are on the same leg, this grave
// or graver. A contradiction stands for the two findings that it was made of.
func count(all []tuning.Finding, of *tuning.Finding) int {
	n := 0
	for i := range all {
		f := &all[i]
		if f.Leg != of.Leg || f.Severity < of.Severity {
			continue
		}
		half := f.Rule.ID == contradiction && slices.Contains([]string{"ORD-1", "ORD-2", "ORD-4", "CAP-1"}, of.Rule.ID)
		if f.Rule == of.Rule || half {
			n++
		}
	}
	return n
}
