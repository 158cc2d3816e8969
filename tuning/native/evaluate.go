package native

import (
	"go/constant"
	"go/token"
	"strings"
)

// evaluate works out an expression of Go, JavaScript, Python and the like: numbers
// such as 65_000, 65e3 and 0x10, names whose value is known, + - * / and
// brackets. ok is false where anything else stands in it.
func evaluate(text string, names func(string) (constant.Value, bool)) (v constant.Value, ok bool) {
	f := folder{text: text, names: names}
	v, ok = f.sum()
	f.blanks()
	return v, ok && f.text == ""
}

// foldDepth bounds how deep brackets may go.
const foldDepth = 50

type folder struct {
	text  string // what is left of it
	names func(string) (constant.Value, bool)
	depth int
}

func (f *folder) blanks() { f.text = strings.TrimLeft(f.text, " \t\r\n") }

// operator takes one of the operators if it comes next.
func (f *folder) operator(all string) (op byte, ok bool) {
	f.blanks()
	if f.text == "" || strings.IndexByte(all, f.text[0]) < 0 || strings.HasPrefix(f.text, "**") || strings.HasPrefix(f.text, "//") || strings.HasPrefix(f.text, "/*") {
		return 0, false
	}
	op, f.text = f.text[0], f.text[1:]
	return op, true
}

func (f *folder) sum() (v constant.Value, ok bool) {
	v, ok = f.product()
	for ok {
		op, more := f.operator("+-")
		if !more {
			break
		}
		var w constant.Value
		if w, ok = f.product(); ok {
			v = constant.BinaryOp(v, map[byte]token.Token{'+': token.ADD, '-': token.SUB}[op], w)
		}
	}
	return v, ok
}

func (f *folder) product() (v constant.Value, ok bool) {
	v, ok = f.factor()
	for ok {
		op, more := f.operator("*/")
		if !more {
			break
		}
		var w constant.Value
		if w, ok = f.factor(); !ok {
			break
		}
		if op == '*' {
			v = constant.BinaryOp(v, token.MUL, w)
			continue
		}
		if constant.Sign(w) == 0 {
			return nil, false
		}
		v = constant.BinaryOp(constant.ToFloat(v), token.QUO, constant.ToFloat(w))
	}
	return v, ok
}

func (f *folder) factor() (v constant.Value, ok bool) {
	if f.depth++; f.depth > foldDepth {
		return nil, false
	}
	defer func() { f.depth-- }()
	if op, sign := f.operator("+-"); sign {
		v, ok = f.factor()
		if ok && op == '-' {
			v = constant.UnaryOp(token.SUB, v, 0)
		}
		return v, ok
	}
	f.blanks()
	if rest, open := strings.CutPrefix(f.text, "("); open {
		f.text = rest
		v, ok = f.sum()
		f.blanks()
		rest, shut := strings.CutPrefix(f.text, ")")
		f.text = rest
		return v, ok && shut
	}
	word := f.word()
	if word == "" {
		return nil, false
	}
	if word[0] >= '0' && word[0] <= '9' || word[0] == '.' {
		return literal(word)
	}
	v, ok = f.names(word)
	f.blanks()
	if rest, call := strings.CutPrefix(f.text, "("); call && conversions[word] { // time.Duration(90)
		f.text = rest
		v, ok = f.sum()
		f.blanks()
		rest, shut := strings.CutPrefix(f.text, ")")
		f.text = rest
		return v, ok && shut
	}
	return v, ok
}

// conversions are calls that leave a number what it is.
var conversions = map[string]bool{"time.Duration": true, "int": true, "int64": true, "float64": true, "Number": true, "float": true}

// word is the number or name that comes next.
func (f *folder) word() string {
	i := 0
	for i < len(f.text) {
		c := f.text[i]
		exponent := (c == '+' || c == '-') && i > 0 && (f.text[i-1] == 'e' || f.text[i-1] == 'E') && f.text[0] >= '0' && f.text[0] <= '9' && !strings.HasPrefix(f.text, "0x")
		if !exponent && c != '_' && c != '.' && c != '$' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			break
		}
		i++
	}
	word := f.text[:i]
	f.text = f.text[i:]
	return word
}

// exponentLimit bounds a number: more digits than this are no time.
const exponentLimit = 40

// literal is a number as programs write it; the L of Java and the n of JavaScript are left out.
func literal(word string) (constant.Value, bool) {
	word = strings.ReplaceAll(word, "_", "")
	if !strings.HasPrefix(strings.ToLower(word), "0x") {
		word = strings.TrimRight(word, "Ln")
		if _, exponent, ok := strings.Cut(strings.ToLower(word), "e"); ok && len(strings.TrimLeft(exponent, "+-0")) > 2 || len(word) > exponentLimit {
			return nil, false
		}
	}
	kind := token.INT
	if strings.ContainsAny(word, ".eE") && !strings.HasPrefix(strings.ToLower(word), "0x") {
		kind = token.FLOAT
	}
	v := constant.MakeFromLiteral(word, kind, 0)
	return v, v.Kind() != constant.Unknown
}
