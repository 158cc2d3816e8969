package theme

// Glyphs are the signs keeptune draws with. Every field but the arrows,
// LessEqual and GreaterEqual is exactly one cell wide; those are the same
// width within a set.
type Glyphs struct {
	ASCII bool // true: every sign is printable ASCII

	// Lines and corners of boxes.
	Horizontal, Vertical                           string
	TopLeft, TopRight, BottomLeft, BottomRight     string
	TeeLeft, TeeRight, TeeTop, TeeBottom, Crossing string

	// Marks beside text.
	Selected string // in front of the selected row
	Changed  string // behind a value that is not the default
	Ellipsis string // ends text that was cut
	Cursor   string // where the next character goes in an open field
	Up, Down string // more lines above, below
	Left     string // a mark lies off the low end, more columns to the left
	Right    string // a mark lies off the high end, more columns to the right
	Dot      string // between items of one line
	Bullet   string // in front of an item

	// Connections of a path.
	Arrow  string // a leg: -->
	Active string // the leg that is being looked at: ==>

	// Time axis.
	AxisLine, Tick string

	LessEqual, GreaterEqual, Times, Dash string
}

// Unicode returns signs that are one cell wide in every locale that is not
// East Asian: no emoji, no variation selector, no private use.
func Unicode() Glyphs {
	return Glyphs{
		Horizontal: "─", Vertical: "│",
		TopLeft: "┌", TopRight: "┐", BottomLeft: "└", BottomRight: "┘",
		TeeLeft: "├", TeeRight: "┤", TeeTop: "┬", TeeBottom: "┴", Crossing: "┼",
		Selected: ">", Changed: "*", Ellipsis: "…", Cursor: "▏",
		Up: "↑", Down: "↓", Left: "←", Right: "→", Dot: "·", Bullet: "•",
		Arrow: "──→", Active: "══→",
		AxisLine: "─", Tick: "┴",
		LessEqual: "≤", GreaterEqual: "≥", Times: "×", Dash: "–",
	}
}

// ASCII returns signs that every terminal has.
func ASCII() Glyphs {
	return Glyphs{
		ASCII:      true,
		Horizontal: "-", Vertical: "|",
		TopLeft: "+", TopRight: "+", BottomLeft: "+", BottomRight: "+",
		TeeLeft: "+", TeeRight: "+", TeeTop: "+", TeeBottom: "+", Crossing: "+",
		Selected: ">", Changed: "*", Ellipsis: "~", Cursor: "_",
		Up: "^", Down: "v", Left: "<", Right: ">", Dot: ".", Bullet: "-",
		Arrow: "-->", Active: "==>",
		AxisLine: "-", Tick: "|",
		LessEqual: "<=", GreaterEqual: ">=", Times: "x", Dash: "-",
	}
}

// Set returns ASCII() when ascii is true, else Unicode().
func Set(ascii bool) Glyphs {
	if ascii {
		return ASCII()
	}
	return Unicode()
}
