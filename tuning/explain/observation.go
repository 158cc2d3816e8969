package explain

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"example.com/keeptune/model"
)

// An Observation is a time that somebody saw.
type Observation struct {
	Text      string        // as it was written, to be shown
	Low, High time.Duration // the same where one time was given
	Digit     time.Duration // what the last digit stands for: 1 s of "350 s", 100 ms of "18.9 s"
	About     bool          // it was said to be rough, or counts in minutes or hours alone
	Exactly   bool          // it was said to be exact
}

// written finds a number and the letters behind it, or hh:mm:ss; a colour of a
// terminal is none.
var (
	written = regexp.MustCompile(`(\d{1,4}):([0-5]\d):([0-5]\d)|(\d{1,12}(?:[.,]\d{1,6})?)(?:[ \x{a0}-]?(\pL+))?`)
	// dated is the end of a date, behind which the time of day stands.
	dated   = regexp.MustCompile(`(?i)(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}[ /-]` + months + `[ /-]\d{2,4}|` + months + ` {1,2}\d{1,2}(?:,? \d{4})?)(?:,? {1,2}|T)$`)
	colours = regexp.MustCompile(`\x1b\[[\d;?]*[A-Za-z]`)
)

const months = `(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?`

// units are the words for them.
var units = map[string]time.Duration{}

func init() {
	for size, names := range map[time.Duration]string{
		time.Microsecond: "us µs μs usec microsecond microseconds",
		time.Millisecond: "ms msec msecs millisecond milliseconds",
		time.Second:      "s sec secs second seconds",
		time.Minute:      "m min mins minute minutes",
		time.Hour:        "h hr hrs hour hours",
		24 * time.Hour:   "d day days",
	} {
		for name := range strings.FieldsSeq(names) {
			units[name] = size
		}
	}
}

// A number is one that stands in a text.
type number struct {
	start, end int
	digits     string        // of a plain number
	unit       time.Duration // 0: none was written
	span       time.Duration // of hh:mm:ss, where unit is a second and digits are empty
}

// joined are the words between two parts of one time (15 m and 40 s), and ranged
// those between the two ends of a range.
var (
	joined = regexp.MustCompile(`^(?i)[ \x{a0}]*(?:,|and|,? and)?[ \x{a0}]*$`)
	ranged = regexp.MustCompile(`^(?i)[ \x{a0}]*(?:-|–|—|to|and|or|up to|bis|\.\.+|…|,? ?(?:but |and |or )?(?:now and then|sometimes|at times|rarely|once in a while|seldom|occasionally)(?: after| for)?)[ \x{a0}]*$`)
	rough  = regexp.MustCompile(`(?i)\b(?:about|around|roughly|approx\w*|circa|ca|some|nearly|almost|or so)\b|~|≈`)
	exact  = regexp.MustCompile(`(?i)\b(?:exactly|precisely|always|to the second)\b`)
)

// longestQuestion bounds what is looked at of a question.
const longestQuestion = 2000

// Observe finds the times in a text: "hangs for 7875 s", "15 m 40 s", "5 s, now
// and then 6", "00:02:07". A number without a unit counts as seconds where it is
// all that was written, or the other end of a range that has one. At most four
// are taken.
func Observe(text string) []Observation {
	if len(text) > longestQuestion {
		text = text[:longestQuestion]
	}
	text = colours.ReplaceAllString(strings.ToValidUTF8(text, " "), " ")
	all := numbersIn(text)
	if n := strings.TrimSpace(text); len(all) == 1 && all[0].unit == 0 && all[0].digits == n {
		all[0].unit = time.Second
	}
	about, exactly := rough.MatchString(text), exact.MatchString(text)
	var found []Observation
	for i := 0; i < len(all) && len(found) < 4; {
		o, used := observe(text, all[i:])
		i += max(used, 1)
		if o.Low <= 0 {
			continue
		}
		o.About, o.Exactly = o.About && !exactly || about, exactly && !about
		found = append(found, o)
	}
	return found
}

func numbersIn(text string) []number {
	var all []number
	for _, at := range written.FindAllStringSubmatchIndex(text, -1) {
		if !begins(text[:at[0]], all) {
			continue
		}
		group := func(i int) string {
			if at[2*i] < 0 {
				return ""
			}
			return text[at[2*i]:at[2*i+1]]
		}
		n := number{start: at[0], end: at[1]}
		if hours := group(1); hours != "" {
			if dated.MatchString(text[:at[0]]) { // when it was, not how long
				continue
			}
			d, err := model.ParseSpan(hours+":"+group(2)+":"+group(3), time.Second)
			if err != nil {
				continue
			}
			n.unit, n.span = time.Second, d
			all = append(all, n)
			continue
		}
		n.digits = strings.Replace(group(4), ",", ".", 1)
		if n.unit = units[strings.ToLower(group(5))]; n.unit == 0 {
			n.end = at[9] // another word
		}
		all = append(all, n)
	}
	return all
}

// begins reports whether a number can begin behind a text: not inside of a word, a
// version or an address, but right behind the unit of the one before (15m40s).
func begins(before string, all []number) bool {
	if n := len(all); n > 0 && all[n-1].end == len(before) && all[n-1].unit > 0 {
		return true
	}
	r, size := utf8.DecodeLastRuneInString(before)
	return size == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".:@/_", r)
}

// observe reads one time, or a range of two, from the first of the numbers on,
// and how many of them it took; 0 where the first is no time.
func observe(text string, all []number) (Observation, int) {
	if all[0].unit == 0 { // "5 to 6 s"
		if len(all) < 2 || all[1].unit == 0 || !ranged.MatchString(text[all[0].end:all[1].start]) {
			return Observation{}, 0
		}
		all = slices.Clone(all)
		all[0].unit = all[1].unit
	}
	low, digit, used := whole(text, all)
	if low <= 0 || low == model.Never {
		return Observation{}, used
	}
	o := Observation{Low: low, High: low, Digit: digit, About: digit >= time.Minute}
	if used < len(all) && ranged.MatchString(text[all[used-1].end:all[used].start]) {
		rest := slices.Clone(all[used:])
		if rest[0].unit == 0 {
			rest[0].unit = all[used-1].unit
		}
		high, second, more := whole(text, rest)
		if high > 0 && high != model.Never {
			o.Low, o.High, o.Digit, used = min(low, high), max(low, high), min(digit, second), used+more
			o.About = o.Digit >= time.Minute
		}
	}
	o.Text = model.HumanRange(o.Low, o.High)
	return o, used
}

// whole is one time of several parts, each smaller than the one before: 2 h 11 m
// 15 s.
func whole(text string, all []number) (total, digit time.Duration, used int) {
	for i, n := range all {
		if i > 0 && (n.unit == 0 || n.span > 0 || n.unit >= all[i-1].unit || all[i-1].span > 0 || !joined.MatchString(text[all[i-1].end:n.start])) {
			break
		}
		d, last := n.span, time.Second
		if n.span == 0 && n.digits != "" {
			var err error
			if d, err = model.ParseSpan(n.digits, n.unit); err != nil {
				return 0, 0, i + 1
			}
			last = n.unit
			if _, decimals, ok := strings.Cut(n.digits, "."); ok {
				for range decimals {
					last /= 10
				}
			}
		}
		total, digit, used = model.Add(total, d), max(last, time.Millisecond), i+1
	}
	return total, digit, used
}
