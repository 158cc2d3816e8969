package native

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// A pgLine is NAME = VALUE of postgresql.conf or of a command line.
type pgLine struct {
	line        int
	name, value string // the name in small letters
}

// pgLines splits postgresql.conf: the equals sign may be left out, a value may
// be quoted, and # begins a comment (postgres:src/backend/utils/misc/guc-file.l).
// What is not such a line is handed to odd.
func pgLines(text string, odd func(line int, text string)) []pgLine {
	var list []pgLine
	for n, line := range numbered(text) {
		if line == "" || line[0] == '#' {
			continue
		}
		end := strings.IndexAny(line, " \t=")
		if end <= 0 {
			odd(n, line)
			continue
		}
		rest := strings.TrimLeft(line[end:], " \t")
		value, ok := pgWord(strings.TrimLeft(strings.TrimPrefix(rest, "="), " \t"))
		if !ok {
			odd(n, line)
			continue
		}
		list = append(list, pgLine{n, strings.ToLower(line[:end]), value})
	}
	return list
}

// pgWord is the value that begins a text, without its quotes; ok is false where
// there is none or something but a comment follows it.
func pgWord(text string) (value string, ok bool) {
	if quoted, found := strings.CutPrefix(text, "'"); found {
		var b strings.Builder
		for i := 0; i < len(quoted); i++ {
			switch c := quoted[i]; {
			case c == '\\' && i+1 < len(quoted):
				i++
				b.WriteByte(quoted[i])
			case c == '\'' && strings.HasPrefix(quoted[i+1:], "'"):
				i++
				b.WriteByte(c)
			case c == '\'':
				return b.String(), pgRest(quoted[i+1:])
			default:
				b.WriteByte(c)
			}
		}
		return "", false
	}
	end := strings.IndexAny(text, " \t#")
	if end < 0 {
		end = len(text)
	}
	return text[:end], end > 0 && pgRest(text[end:])
}

func pgRest(text string) bool {
	text = strings.TrimSpace(text)
	return text == "" || text[0] == '#'
}

// pgUnits are the units of times; their names are in small letters only
// (postgres:src/backend/utils/misc/guc.c time_unit_conversion_table).
var pgUnits = map[string]time.Duration{
	"us": time.Microsecond, "ms": time.Millisecond, "s": time.Second, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
}

// pgValue reads a number with or without a unit: 10min, 1.5 h, 0x3E8. It is
// rounded to the parameter's own unit (postgres: parse_int).
func pgValue(p *model.Param, text string) (model.Value, error) {
	refuse := func(why string) (model.Value, error) {
		return model.Value{}, fmt.Errorf("%s: %q is not understood: %s", p.ID, text, why)
	}
	if p.Shape() == model.ShapeSwitch {
		return p.ParseValue(text)
	}
	number, unit := pgNumber(strings.TrimSpace(text))
	n, err := pgFloat(number)
	if err != nil {
		return refuse("it must begin with a number")
	}
	if p.Shape() == model.ShapeCount {
		if unit != "" {
			return refuse("it is a number without a unit")
		}
		v := model.Times(int64(math.RoundToEven(n)))
		return v, p.Check(v)
	}
	size, known := p.Unit.Size(), true
	if unit != "" {
		size, known = pgUnits[unit]
	}
	if !known {
		return refuse(`PostgreSQL takes us, ms, s, min, h and d`)
	}
	d := math.RoundToEven(n * float64(size) / float64(p.Unit.Size()))
	if math.Abs(d) >= math.MaxInt32 {
		return refuse("the greatest number is 2147483647")
	}
	if d < 0 {
		return refuse("it cannot be negative")
	}
	return p.ParseValue(strconv.FormatInt(int64(d), 10))
}

// pgNumber parts a number from its unit.
func pgNumber(text string) (number, unit string) {
	digits := "+-0123456789."
	if strings.HasPrefix(strings.TrimLeft(strings.ToLower(text), "+-"), "0x") {
		digits += "xXabcdefABCDEF"
	}
	end := len(text) - len(strings.TrimLeft(text, digits))
	return text[:end], strings.TrimSpace(text[end:])
}

func pgFloat(text string) (float64, error) {
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		return float64(n), nil
	}
	if strings.ContainsAny(text, "xX") {
		return 0, errors.New("no number")
	}
	return strconv.ParseFloat(text, 64)
}
