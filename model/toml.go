package model

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// ReadTOML fills what v points to from a file in which no key may be unknown. The error
// is one sentence with the file's name and the line.
func ReadTOML(file string, data []byte, v any) error {
	if before, _, found := bytes.Cut(data, []byte{0}); found {
		return fmt.Errorf("%s:%d: there is a zero byte in it; TOML is text in UTF-8", file, 1+bytes.Count(before, []byte("\n")))
	}
	d := toml.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		return nil
	}
	line, text := TOMLFault(err)
	if line == 0 {
		return fmt.Errorf("%s: %s", file, text)
	}
	return fmt.Errorf("%s:%d: %s", file, line, text)
}

// TOMLFault is what the decoder's error means to a reader, without a full stop, and its
// line, from 1; 0 where it is no line's.
func TOMLFault(err error) (line int, text string) {
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		first := &unknown.Errors[0]
		line, _ = first.Position()
		return line, fmt.Sprintf("unknown key %q", keyOf(first))
	}
	if wrong, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, _ = wrong.Position()
		return line, saidOf(wrong)
	}
	return 0, Clean(err.Error(), 200)
}

func keyOf(e *toml.DecodeError) string { return Clean(strings.Join(e.Key(), "."), 80) }

var tomlTypes = regexp.MustCompile(`^toml: cannot decode TOML .* (?:of type|into) (.+)$`)

// saidOf words what the decoder says, which of a value of the wrong type names the
// types of this program.
func saidOf(e *toml.DecodeError) string {
	m := tomlTypes.FindStringSubmatch(e.Error())
	if strings.HasSuffix(e.Error(), "at start of value") {
		return "a value is text in quotes, a number, true, false or a list"
	}
	if m == nil {
		said := Clean(strings.TrimPrefix(e.Error(), "toml: "), 200)
		if key := keyOf(e); key != "" && !strings.HasPrefix(said, "key ") {
			said = key + ": " + said
		}
		return said
	}
	want := "a table"
	switch kind := m[1]; {
	case kind == "string":
		want = "text in quotes"
	case strings.HasPrefix(kind, "int"):
		want = "a whole number"
	case strings.HasPrefix(kind, "float"):
		want = "a number"
	case kind == "bool":
		want = "true or false"
	case strings.HasPrefix(kind, "[]"):
		want = "a list"
	}
	return cmp.Or(keyOf(e), "a key") + " takes " + want
}

// A tomlText is a TOML file that is written.
type tomlText struct{ bytes.Buffer }

// head begins a table, table one of an array of tables.
func (t *tomlText) head(name string) { t.line("\n" + name) }

func (t *tomlText) table(name string) { t.head("[[" + name + "]]") }

func (t *tomlText) line(text string) { _, _ = t.WriteString(text + "\n") }

func (t *tomlText) bare(key, value string) { t.line(key + " = " + value) }

func (t *tomlText) number(key string, n int) { t.bare(key, strconv.Itoa(n)) }

func (t *tomlText) text(key, value string) { t.bare(key, quotedTOML(value)) }

func (t *tomlText) list(key string, values []string) {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quotedTOML(v)
	}
	t.bare(key, "["+strings.Join(quoted, ", ")+"]")
}

// given is text where there is some.
func (t *tomlText) given(key, value string) {
	if value != "" {
		t.text(key, value)
	}
}

func quotedTOML(text string) string { return `"` + tomlEscapes.Replace(text) + `"` }

// tomlEscapes are what a basic string may not hold as it is, https://toml.io/en/v1.0.0#string.
var tomlEscapes = func() *strings.Replacer {
	pairs := []string{"\b", `\b`, "\t", `\t`, "\n", `\n`, "\f", `\f`, "\r", `\r`, `"`, `\"`, `\`, `\\`, "\x7f", `\u007f`}
	for c := range ' ' {
		if !strings.ContainsRune("\b\t\n\f\r", c) {
			pairs = append(pairs, string(c), fmt.Sprintf(`\u%04x`, c))
		}
	}
	return strings.NewReplacer(pairs...)
}()
