package paint

import (
	"strconv"
	"strings"
)

// A colour is 0 for the terminal's own, 1 to 256 for one of its palette, counted
// from one, and above that direct: red, green and blue under the bit direct.
type colour uint32

const direct colour = 1 << 24

// The attributes of a pen, each a bit. Their SGR numbers are those of attributes.
const (
	bold = 1 << iota
	faint
	italic
	underline
	blink
	reverse
	conceal
	strike
)

// attributes are SGR's numbers for switching each bit on and off (ECMA-48, 8.3.117).
// Bold and faint are switched off by one number.
var attributes = [...]struct{ on, off int }{
	{1, 22}, {2, 22}, {3, 23}, {4, 24}, {5, 25}, {7, 27}, {8, 28}, {9, 29},
}

// A pen is how a cell is drawn: what SGR sets.
type pen struct {
	fg, bg colour
	attrs  uint8
}

// take applies the numbers of an SGR sequence, those between [ and m.
func (p *pen) take(params string) {
	for s := (numbers{rest: params}); !s.done; {
		switch n, plain := s.next(); {
		case n == 0:
			*p = pen{}
		case n == 38 && plain:
			p.fg = s.colour()
		case n == 48 && plain:
			p.bg = s.colour()
		default:
			p.set(n)
		}
	}
}

// set applies one number that stands for itself.
func (p *pen) set(n int) {
	switch {
	case n >= 30 && n <= 37:
		p.fg = colour(n-30) + 1
	case n >= 90 && n <= 97:
		p.fg = colour(n-90+8) + 1
	case n >= 40 && n <= 47:
		p.bg = colour(n-40) + 1
	case n >= 100 && n <= 107:
		p.bg = colour(n-100+8) + 1
	case n == 39:
		p.fg = 0
	case n == 49:
		p.bg = 0
	}
	for bit, a := range attributes {
		switch n {
		case a.on:
			p.attrs |= 1 << bit
		case a.off:
			p.attrs &^= 1 << bit
		}
	}
}

// numbers are what stands between semicolons; an empty one is 0.
type numbers struct {
	rest string
	done bool
}

// next takes the first one off. It is not plain when more of it stood behind a
// colon, which is passed over.
func (s *numbers) next() (n int, plain bool) {
	first, rest, more := strings.Cut(s.rest, ";")
	s.rest, s.done = rest, !more
	for i := range len(first) {
		if first[i] < '0' || first[i] > '9' {
			return n, false
		}
		n = min(n*10+int(first[i]-'0'), 1<<16)
	}
	return n, true
}

// colour reads what follows 38 or 48: 5 and a number of the palette, or 2 and
// red, green and blue.
func (s *numbers) colour() colour {
	kind, _ := s.next()
	switch kind {
	case 5:
		n, _ := s.next()
		return colour(n&0xff) + 1
	case 2:
		c := colour(0)
		for range 3 {
			n, _ := s.next()
			c = c<<8 | colour(n&0xff)
		}
		return direct | c
	}
	return 0
}

// become appends the shortest sequence that makes pen p of pen now.
func (p pen) become(out []byte, now pen) []byte {
	if p == now {
		return out
	}
	if p == (pen{}) {
		return append(out, "\x1b[m"...)
	}
	begin := len(out)
	out = p.change(append(out, "\x1b["...), now)
	middle := len(out)
	out = p.change(append(out, "\x1b[0"...), pen{})
	if n := len(out) - middle; n < middle-begin {
		copy(out[begin:], out[middle:])
		out = out[:begin+n]
	} else {
		out = out[:middle]
	}
	return append(out, 'm')
}

// change appends the numbers of what differs.
func (p pen) change(out []byte, now pen) []byte {
	gone, kept := now.attrs&^p.attrs, now.attrs&p.attrs
	if gone&(bold|faint) != 0 { // one number takes both
		out = add(out, 22)
		gone &^= bold | faint
		kept &^= bold | faint
	}
	for bit, a := range attributes {
		switch b := uint8(1) << bit; {
		case gone&b != 0:
			out = add(out, a.off)
		case p.attrs&^kept&b != 0:
			out = add(out, a.on)
		}
	}
	if p.fg != now.fg {
		out = p.fg.append(out, 30)
	}
	if p.bg != now.bg {
		out = p.bg.append(out, 40)
	}
	return out
}

// append adds the numbers of a colour; base is 30 in front and 40 behind.
func (c colour) append(out []byte, base int) []byte {
	switch {
	case c == 0:
		return add(out, base+9)
	case c <= 8:
		return add(out, base+int(c)-1)
	case c <= 16:
		return add(out, base+60+int(c)-9)
	case c <= 256:
		return add(add(add(out, base+8), 5), int(c)-1)
	}
	out = add(add(out, base+8), 2)
	for shift := 16; shift >= 0; shift -= 8 {
		out = add(out, int(c>>shift)&0xff)
	}
	return out
}

// add appends one number.
func add(out []byte, n int) []byte {
	if out[len(out)-1] != '[' {
		out = append(out, ';')
	}
	return strconv.AppendInt(out, int64(n), 10)
}
