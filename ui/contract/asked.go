package contract

// Asked is what an overlay asks or tells, in words, for a session in lines.
type Asked struct {
	Title   string
	Text    []string // sentences
	Lines   []string // lines that are not to be broken: a difference, a file
	Answers []Answered
	// Typed makes an action of a text; nil where none is typed. Given is the text that
	// stands for an empty one.
	Typed func(text string) Action
	Given string
	Ends  Action // what follows where it only tells; nil for nothing
}

// Answered is one answer.
type Answered struct {
	Word  string // one word that gives it, beside its number; empty for none
	Label string
	Leads []string // what it leads to
	Then  Action   // nil to leave everything as it is
}

// An Asker is an overlay that can be told in words.
type Asker interface{ Ask(c *Context) Asked }
