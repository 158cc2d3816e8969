package run

import (
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// maxHint bounds an advertised timeout to 100 years, in seconds.
const maxHint = 100 * 365 * 24 * 3600

// parseHint reads a Keep-Alive header as clients do: parameters separated by commas, names
// in any case, blanks and quotes ignored, whole numbers (digits after a point are cut), the
// first valid one wins, unknown ones are skipped. It returns nil when it says nothing.
// Source: RFC 2068 section 19.7.1, and the behaviour described for Chrome, Firefox and Node.
func parseHint(value string) *livetest.Hint {
	var h livetest.Hint
	for part := range strings.SplitSeq(value, ",") {
		name, text, ok := strings.Cut(part, "=")
		n, valid := wholeNumber(text)
		if !ok || !valid {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "timeout":
			if h.Timeout == nil {
				d := time.Duration(min(n, maxHint)) * time.Second
				h.Timeout = &d
			}
		case "max":
			if h.Max == nil {
				most := int(min(n, 1<<31-1))
				h.Max = &most
			}
		}
	}
	if h == (livetest.Hint{}) {
		return nil
	}
	return &h
}

func wholeNumber(s string) (int64, bool) {
	s = strings.Trim(strings.TrimSpace(s), `"`)
	s, _, _ = strings.Cut(s, ".")
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return maxHint, true
	}
	return n, true
}

// hasToken reports whether a comma separated header value holds a token, in any case.
func hasToken(value, token string) bool {
	for part := range strings.SplitSeq(value, ",") {
		if strings.EqualFold(strings.TrimSpace(part), token) {
			return true
		}
	}
	return false
}
