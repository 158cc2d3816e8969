package paint

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// A cell is one place of the screen.
type cell struct {
	char rune   // 0 behind a wide character and where nothing is known
	more string // what joins char in its cell; "" nearly always
	pen  pen
	wide bool // char takes this cell and the next
}

// odd says whether terminals may disagree about how wide the cell is.
func (c cell) odd() bool { return c.wide || c.more != "" }

var space = cell{char: ' '}

// A grid is what the terminal shows, and makes of a view what has to be sent so
// that it shows that. It sends whole frames: each begins and ends with the plain
// pen and presumes nothing of the cursor.
type grid struct {
	begin, end string // of every frame; "" for nothing

	w, h  int
	cells []cell   // of all rows
	lines [][]byte // that the rows were drawn from
	known []bool   // whether a row shows its line
	row   []cell   // the one that is being drawn

	out  []byte
	x, y int // of the cursor; -1 where it is not known
	pen  pen
}

// resize takes a size in columns and lines. Nothing is known of what is shown.
func (g *grid) resize(w, h int) {
	g.w, g.h = max(0, w), max(0, h)
	g.cells, g.row = make([]cell, g.w*g.h), make([]cell, g.w)
	g.lines, g.known = make([][]byte, g.h), make([]bool, g.h)
}

// forget draws every row anew the next time.
func (g *grid) forget() {
	clear(g.cells)
	clear(g.known)
}

// draw returns what makes the terminal show a view, one line for each row; what
// is too much of it is not shown. It returns nothing where nothing differs, and
// is good until the next call.
func (g *grid) draw(view string) []byte {
	g.out, g.x, g.y, g.pen = append(g.out[:0], g.begin...), -1, -1, pen{}
	for y := range g.h {
		line, rest, _ := strings.Cut(view, "\n")
		view = rest
		if g.known[y] && string(g.lines[y]) == line {
			continue
		}
		g.parse(line)
		g.line(y)
		g.lines[y], g.known[y] = append(g.lines[y][:0], line...), true
	}
	if len(g.out) == len(g.begin) {
		return nil
	}
	g.out = append(pen{}.become(g.out, g.pen), g.end...)
	return g.out
}

// parse makes the cells of a line. Of escape sequences only SGR is obeyed.
func (g *grid) parse(line string) {
	p, x, state := pen{}, 0, byte(0)
	for i := 0; i < len(line) && x < g.w; {
		if char, n := utf8.DecodeRuneInString(line[i:]); single(char) {
			g.row[x] = cell{char: char, pen: p}
			x++
			i += n
			continue
		}
		seq, width, n, next := ansi.DecodeSequence(line[i:], state, nil)
		i, state = i+n, next
		switch {
		case width > 0:
			x = g.put(x, seq, width, p)
		case strings.HasPrefix(seq, "\x1b[") && strings.HasSuffix(seq, "m") && !strings.ContainsAny(seq, "<=>?"):
			p.take(seq[2 : len(seq)-1])
		case seq >= firstGraphic && x > 0: // joins what is before it
			g.row[x-1].more += seq
		}
	}
	for ; x < g.w; x++ {
		g.row[x] = space
	}
}

// single says of nearly all that is drawn that it takes one cell, without a search
// for clusters.
func single(r rune) bool { return r >= ' ' && r < 0x7f || r >= 0x2500 && r <= 0x259f }

// firstGraphic comes after everything that controls the terminal.
const firstGraphic = "\u00a0"

// put places a character that is not ASCII and returns where the next one goes.
func (g *grid) put(x int, text string, width int, p pen) int {
	char, n := utf8.DecodeRuneInString(text)
	c := cell{char: char, pen: p, wide: width > 1}
	if n < len(text) {
		c.more = strings.Clone(text[n:]) // nothing of the view is kept
	}
	if x+width > g.w { // its half has no room
		c, width = cell{char: ' ', pen: p}, g.w-x
	}
	g.row[x] = c
	for i := 1; i < width; i++ {
		g.row[x+i] = cell{pen: p}
	}
	return x + width
}

// line sends where row y differs from g.row, and takes that over.
func (g *grid) line(y int) {
	old := g.cells[y*g.w : (y+1)*g.w]
	from, to := 0, g.w
	for from < to && old[from] == g.row[from] {
		from++
	}
	for to > from && old[to-1] == g.row[to-1] {
		to--
	}
	if from == to {
		return
	}
	blank := g.w // from here on the row is empty
	for blank > from && g.row[blank-1] == space {
		blank--
	}
	odd := false // a row with such a character is drawn whole: what terminals make of its half differs
	for x := range old {
		odd = odd || old[x].odd() || g.row[x].odd()
	}
	if odd {
		from, to = 0, g.w
		clear(old)
	}
	end := min(to, blank)
	if to-blank <= len(eraseRight) {
		end = to
	}
	for x := from; x < end; x++ {
		if old[x] != g.row[x] && g.row[x].char != 0 {
			g.move(x, y, old)
			g.write(g.row[x])
		}
	}
	if end < to {
		g.move(end, y, old)
		g.ink(pen{})
		g.out = append(g.out, eraseRight...)
	}
	copy(old, g.row)
}

const eraseRight = "\x1b[K"

// write draws a cell where the cursor is.
func (g *grid) write(c cell) {
	g.ink(c.pen)
	g.out = append(utf8.AppendRune(g.out, c.char), c.more...)
	g.x++
	if c.odd() { // where the cursor is now is the terminal's affair
		g.x, g.y = -1, -1
	}
}

func (g *grid) ink(p pen) { g.out, g.pen = p.become(g.out, g.pen), p }

// move brings the cursor to a place. A short way over cells that are right already
// is gone by drawing them again.
func (g *grid) move(x, y int, old []cell) {
	switch {
	case g.y == y && g.x == x:
	case g.y == y && g.x >= 0 && g.x < x && g.again(x, old):
	case g.y == y && g.x >= 0 && g.x < x:
		g.out = append(g.out, "\x1b["...)
		if n := x - g.x; n > 1 {
			g.out = strconv.AppendInt(g.out, int64(n), 10)
		}
		g.out = append(g.out, 'C')
	case g.y >= 0 && g.y == y-1 && x == 0:
		g.out = append(g.out, "\r\n"...)
	default:
		g.out = append(g.out, "\x1b["...)
		if y > 0 || x > 0 {
			g.out = strconv.AppendInt(g.out, int64(y+1), 10)
		}
		if x > 0 {
			g.out = strconv.AppendInt(append(g.out, ';'), int64(x+1), 10)
		}
		g.out = append(g.out, 'H')
	}
	g.x, g.y = x, y
}

// again draws the cells up to x where that is no longer than a movement.
func (g *grid) again(x int, old []cell) bool {
	const movement = len("\x1b[9C")
	size := 0
	for _, c := range old[g.x:x] {
		if size += utf8.RuneLen(c.char); c.pen != g.pen || c.char == 0 || size > movement {
			return false
		}
	}
	for _, c := range old[g.x:x] {
		g.out = utf8.AppendRune(g.out, c.char)
	}
	return true
}
