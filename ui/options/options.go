// Package options is what a person can set about keeptune itself: the options of
// config.toml, of the environment and of the flags, which of them holds, and the
// keys. It reads no file and no environment on its own.
package options

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/ui/term"
	"example.com/keeptune/ui/theme"
)

// A Kind says how a value is written.
type Kind int

// The kinds.
const (
	Switch Kind = iota // true or false
	Number             // a whole number
	Word               // text
)

// An Option is one thing that can be set. Its flag has its name, its variable is
// KEEPTUNE_ and the name in capitals.
type Option struct {
	Name    string
	Kind    Kind
	Default string
	What    string // one line
	right   string
	words   []string
	check   func(string) bool
	also    string // a variable that many programs know: anything in it switches it on
	flagged bool
}

// All returns every option, in the order of the file.
func All() []Option { return slices.Clone(all) }

var all = []Option{
	words("theme", "default", "the palette; default suits light and dark backgrounds", string(theme.Default), string(theme.Light), string(theme.Dark)),
	{Name: "no-color", Kind: Switch, Default: "false", What: "no colours", also: "NO_COLOR", flagged: true},
	{Name: "ascii", Kind: Switch, Default: "false", What: "draw with ASCII only", flagged: true},
	{Name: "plain", Kind: Switch, Default: "false", What: "lines of text instead of the full screen", flagged: true},
	{Name: "mouse", Kind: Switch, Default: "false", What: "begin with the mouse on", flagged: true},
	{
		Name: "fps", Kind: Number, Default: "0", What: "at most so many frames per second; 0 is 240, and 60 over SSH", flagged: true,
		right: fmt.Sprintf("a whole number from 1 to %d, or 0", term.MaxFPS),
		check: func(s string) bool { n, err := strconv.Atoi(s); return err == nil && n >= 0 && n <= term.MaxFPS },
	},
	{
		Name: "timezone", Kind: Word, Default: "Local", What: "the zone of the times that are shown", flagged: true,
		right: "Local, UTC or a name such as Europe/Berlin",
		check: func(s string) bool { _, err := time.LoadLocation(s); return err == nil && s != "" },
	},
	{Name: "redact", Kind: Switch, Default: "false", What: "stand-ins such as host-1 in the place of names, addresses and paths", flagged: true},
	words("format", "text", "how commands print; one that cannot write it prints text", "text", "json", "markdown"),
	words("fail-on", "error", "the least severity at which check and probe exit with 1", "error", "warning", "info", "never"),
	unflagged(words("clipboard", "auto", "how text is copied: by the terminal (auto, native and osc52 are alike), or off", "auto", "native", "osc52", "off")),
	unflagged(words("clipboard-wrap", "none", "what the clipboard's sequence is wrapped in", "none", "tmux", "screen")),
}

func words(name, value, what string, list ...string) Option {
	last := len(list) - 1
	return Option{
		Name: name, Kind: Word, Default: value, What: what, words: list, flagged: true,
		right: strings.Join(list[:last], ", ") + " or " + list[last],
		check: func(s string) bool { return slices.Contains(list, s) },
	}
}

func unflagged(o Option) Option { o.flagged = false; return o }

// Env is the name of the option's variable.
func (o Option) Env() string {
	return "KEEPTUNE_" + strings.ToUpper(strings.ReplaceAll(o.Name, "-", "_"))
}

// Flag is the option's flag, "" where it has none.
func (o Option) Flag() string {
	if !o.flagged {
		return ""
	}
	return "--" + o.Name
}

// Words are the values that there are; none where any will do that fits.
func (o Option) Words() []string { return slices.Clone(o.words) }

// Takes says what would be right, after "it takes".
func (o Option) Takes() string { return cmp.Or(o.right, "true or false") }

// read returns the value as it is written, whatever it was written as.
func (o Option) read(text string) (string, bool) {
	if o.Kind == Switch {
		b, err := strconv.ParseBool(text)
		return strconv.FormatBool(b), err == nil
	}
	return text, o.check(text)
}

// A Source says where a value is from; the later one holds.
type Source int

// The sources.
const (
	FromDefault Source = iota
	FromFile
	FromEnv
	FromFlag
)

// A Value is an option with the value that holds.
type Value struct {
	Option
	Text   string
	Source Source
	Origin string // in words: "default", "config.toml:3", "KEEPTUNE_THEME", "--theme"
}

// Line is the value as a line of the file has it.
func (v Value) Line() string {
	text := v.Text
	if v.Kind == Word {
		text = strconv.Quote(text)
	}
	return v.Name + " = " + text
}

// Own reports whether somebody chose it.
func (v Value) Own() bool { return v.Source != FromDefault }

// A Set is a value for every option, in the order of [All].
type Set []Value

// Text is the value of an option; "" for one that there is not.
func (s Set) Text(name string) string {
	for _, v := range s {
		if v.Name == name {
			return v.Text
		}
	}
	return ""
}

// On reports whether a switch is on.
func (s Set) On(name string) bool { return s.Text(name) == "true" }

// Resolve finds which value holds: the flag's, else the variable's, else the file's,
// else the default. flags are the flags that were given, by name, which are checked
// already. What cannot be read is left out and told.
func Resolve(file File, getenv func(string) string, flags map[string]string) (Set, []Fault) {
	var set Set
	faults := slices.Clone(file.Faults)
	for _, o := range all {
		v := Value{Option: o, Text: o.Default, Origin: "default"}
		if e, ok := file.entries[o.Name]; ok {
			v.Text, v.Source, v.Origin = e.text, FromFile, file.at(e.line)
		}
		if o.also != "" && getenv(o.also) != "" {
			v.Text, v.Source, v.Origin = "true", FromEnv, o.also
		}
		if text := getenv(o.Env()); text != "" {
			if read, ok := o.read(text); ok {
				v.Text, v.Source, v.Origin = read, FromEnv, o.Env()
			} else {
				faults = append(faults, Fault{Text: fmt.Sprintf("%s is %q; it takes %s", o.Env(), text, o.Takes())})
			}
		}
		if text, ok := flags[o.Name]; ok && o.flagged {
			v.Text, v.Source, v.Origin = text, FromFlag, o.Flag()
		}
		set = append(set, v)
	}
	return set, faults
}
