package native

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// value reads the value of a directive once. It is false where it says none.
func (c *apacheConfig) value(d *directive) (model.Value, bool) {
	if v, ok := c.values[d]; ok || c.bad[d] {
		return v, ok
	}
	before := c.file
	c.file = d.file
	defer func() { c.file = before }()
	v, ok := c.parse(d)
	if !ok {
		c.bad[d] = true
		return v, false
	}
	c.values[d] = v
	return v, true
}

func (c *apacheConfig) parse(d *directive) (model.Value, bool) {
	id := apacheOnes[d.name]
	if d.doubt != "" {
		return model.Value{}, false
	}
	if d.name == "requestreadtimeout" {
		return c.headerTime(d)
	}
	if len(d.words) != 2 {
		c.warn(d.line, "%s takes one value", d.words[0])
		return model.Value{}, false
	}
	text := d.arg(0)
	switch {
	case slices.Contains(apacheLoose, d.name):
		text = c.digits(d, d.words[0]+" ", text)
	case strings.HasSuffix(text, "mi") || strings.HasSuffix(text, "min"):
		text = strings.TrimRight(text, "in")
	case strings.HasSuffix(text, "m"):
		c.warn(d.line, "%s: Apache takes s, ms, mi (minutes) and h, not %s", d.words[0], text)
		return model.Value{}, false
	}
	return c.valueOf(d, id, text)
}

// digits are those that a number begins with: httpd drops the rest in silence,
// where a reader would take it for a unit.
func (c *apacheConfig) digits(d *directive, name, text string) string {
	rest := strings.TrimLeft(text, "0123456789")
	number := strings.TrimSuffix(text, rest)
	if number == "" || rest == "" || rest == "s" {
		return strings.TrimSuffix(text, rest)
	}
	c.tell(d, "%s%s is %s s: Apache reads the digits only", name, text, number)
	return number
}

// valueOf is a value as a parameter takes it.
func (c *apacheConfig) valueOf(d *directive, id model.ParamID, text string) (model.Value, bool) {
	p := c.param(d.line, id)
	if p == nil {
		return model.Value{}, false
	}
	v, err := p.ParseValue(text)
	if err != nil {
		c.tell(d, "%s", err)
		return v, false
	}
	if !v.IsSet() && p.Fallback == "" && p.Absent == model.ValueNever {
		v = model.ValueNever
	}
	return v, v.IsSet()
}

// headerTime is the first number of header=20-40,MinRate=500.
func (c *apacheConfig) headerTime(d *directive) (model.Value, bool) {
	for _, a := range slices.Backward(d.words[1:]) {
		v, ok := strings.CutPrefix(strings.ToLower(a), "header=")
		if !ok {
			continue
		}
		first, rest, more := strings.Cut(v, ",")
		low, _, span := strings.Cut(first, "-")
		if strings.Trim(low, "0123456789") != "" {
			c.tell(d, "header=%s is no number of seconds, which is all that Apache takes here", low)
			return model.Value{}, false
		}
		if more || span {
			c.tell(d, "of %s only the first number is kept, not %s", a, strings.TrimPrefix(first, low)+","+rest)
		}
		return c.valueOf(d, apacheHeader, low)
	}
	c.lost[d] = "it says nothing of headers" // handshake= and body= are other times
	return model.Value{}, false
}
