package pane

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
)

// A planRow is one thing that can be chosen about a live test.
type planRow struct {
	name, about, format string // what it is, and what may be typed
	value               func(p contract.TestPlan) string
	toggle              func(p *contract.TestPlan)                    // nil: it is typed
	text                func(p contract.TestPlan) string              // what typing begins with; nil: it is no value
	take                func(p *contract.TestPlan, text string) error // "" is none
	alone               func(p contract.TestPlan) contract.TestPlan   // only this, to say what it costs
	more                func(s livetest.Spec) time.Duration           // what it adds to what is chosen
}

var planRows = slices.Concat([]planRow{
	{name: "target", about: "URL, HOST:PORT or unix:/PATH; empty is the built-in server"},
	{
		name: "default test", about: "idle timeout, before a request, inside a header, requests, hint, HTTP/1.0, HEAD; of redis://, mysql:// and others the idle timeout, of tcp:// before a request",
		value: func(p contract.TestPlan) string { return onOff(!p.Skip) }, toggle: func(p *contract.TestPlan) { p.Skip = !p.Skip },
		alone: func(contract.TestPlan) contract.TestPlan { return contract.TestPlan{} },
	},
}, choiceRows(), []planRow{
	{
		name: "TCP keep-alive", about: "on the test's own connections; changes at once while it runs", format: "TIME[/INTERVAL[/COUNT]] such as 60s/10s/6, on or off",
		value: func(p contract.TestPlan) string { return keepAliveText(p.Socket) }, toggle: func(p *contract.TestPlan) { p.Socket.KeepAlive = !p.Socket.KeepAlive; p.Socket = aliveOnly(p.Socket) },
		text: func(p contract.TestPlan) string { return strings.TrimPrefix(keepAliveText(p.Socket), "off") },
		take: func(p *contract.TestPlan, text string) error {
			if text == "" {
				text = "off"
			}
			o, err := livetest.ParseKeepAlive(text)
			o.UserTimeout = p.Socket.UserTimeout
			if err == nil {
				p.Socket = o
			}
			return err
		},
	},
	{
		name: "TCP_USER_TIMEOUT", about: "on the test's own connections; changes at once while it runs", format: "a time such as 30s; off or nothing is none",
		value: func(p contract.TestPlan) string { return spanOr(p.Socket.UserTimeout, "off") },
		text:  func(p contract.TestPlan) string { return strings.ReplaceAll(spanOr(p.Socket.UserTimeout, ""), " ", "") },
		take:  func(p *contract.TestPlan, text string) error { return takeSpan(&p.Socket.UserTimeout, text) },
	},
	{
		name: "silence up to", about: "how long silence is watched; automatic is beyond the configured idle timeout, 90 s at least", format: "a time such as 3m; nothing is automatic",
		value: func(p contract.TestPlan) string { return spanOr(p.Limit, "automatic") },
		text:  func(p contract.TestPlan) string { return strings.ReplaceAll(spanOr(p.Limit, ""), " ", "") },
		take:  func(p *contract.TestPlan, text string) error { return takeSpan(&p.Limit, text) },
	},
	{
		name: "second round", about: "only where idle connections end together: finds the step of the server's clock", format: "a time such as 30s, auto or off",
		value: func(p contract.TestPlan) string { return secondText(p.Second) }, more: livetest.Spec.SecondRound,
		toggle: func(p *contract.TestPlan) {
			p.Second = map[bool]time.Duration{true: -1, false: 0}[p.Second == 0]
		},
		text: func(p contract.TestPlan) string { return strings.ReplaceAll(secondText(p.Second), " ", "") },
		take: func(p *contract.TestPlan, text string) error {
			if text == "off" {
				p.Second = -1
				return nil
			}
			return takeSpan(&p.Second, strings.Replace(text, "auto", "automatic", 1))
		},
	},
})

// farEndRows refine the ladder.
var farEndRows = []planRow{
	{
		name: "  far end", about: "keeptune serve beyond the path: the ladder then tests both directions", format: "HOST:PORT of keeptune serve, or nothing",
		value: func(p contract.TestPlan) string { return orNone(p.FarEnd) }, text: func(p contract.TestPlan) string { return p.FarEnd },
		take: func(p *contract.TestPlan, text string) error {
			p.FarEnd = text
			if text != "" {
				*p = p.With(livetest.MeasureLadder, livetest.MeasureLadder.Choice().Values[0])
			}
			return nil
		},
	},
	{
		name: "  its token", about: "what keeptune serve printed; it is not kept", format: "the token that keeptune serve printed",
		value: func(p contract.TestPlan) string { return map[bool]string{true: "given", false: none}[p.Token != ""] },
		text:  func(contract.TestPlan) string { return "" },
		take:  func(p *contract.TestPlan, text string) error { p.Token = text; return nil },
	},
}

// choiceRows are the measurements that are made only when they are chosen.
func choiceRows() []planRow {
	var rows []planRow
	for _, m := range livetest.Choices() {
		rows = append(rows, choiceRow(m, *m.Choice()))
		if m == livetest.MeasureLadder {
			rows = append(rows, farEndRows...)
		}
	}
	return rows
}

func choiceRow(m livetest.Measurement, choice livetest.Choice) planRow {
	row := planRow{
		name: choice.Name, about: choice.About, format: choice.Format,
		value: func(p contract.TestPlan) string {
			value := cmp.Or(p.Chosen[m], "off")
			if n, err := strconv.Atoi(value); err == nil && choice.Format != "" {
				value = contract.Count(n, choice.Unit, choice.Units)
			}
			return value
		},
		toggle: func(p *contract.TestPlan) { *p = p.With(m, after(choice, p.Chosen[m])) },
		alone: func(p contract.TestPlan) contract.TestPlan {
			only := contract.TestPlan{Skip: true, FarEnd: p.FarEnd, Token: p.Token}
			return only.With(m, cmp.Or(p.Chosen[m], choice.Values[0]))
		},
	}
	if choice.Format != "" {
		row.text = func(p contract.TestPlan) string { return p.Chosen[m] }
		row.take = func(p *contract.TestPlan, text string) error {
			value, err := typedCount(text, choice)
			if err == nil {
				*p = p.With(m, value)
			}
			return err
		}
	}
	return row
}

// after is what a choice is set to next: its values in turn, then off. What was typed is
// followed by off.
func after(choice livetest.Choice, value string) string {
	if value == "" {
		return choice.Values[0]
	}
	if i := slices.Index(choice.Values, value); i >= 0 && i+1 < len(choice.Values) {
		return choice.Values[i+1]
	}
	return ""
}

// typedCount is a count as it is typed, "" for none.
func typedCount(text string, choice livetest.Choice) (string, error) {
	if text == "" || text == "off" {
		return "", nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return "", fmt.Errorf("%q is not a number of %s", model.Clean(text, 20), choice.Units)
	}
	if n == 0 {
		return "", nil
	}
	return strconv.Itoa(n), nil
}

// secondText is the spread of a second round as it is typed.
func secondText(d time.Duration) string {
	if d < 0 {
		return "off"
	}
	return spanOr(d, "auto")
}

func onOff(on bool) string { return map[bool]string{true: "on", false: "off"}[on] }

func orNone(text string) string {
	if text == "" {
		return none
	}
	return model.Clean(text, 100)
}

func spanOr(d time.Duration, other string) string {
	if d == 0 {
		return other
	}
	return model.HumanSpan(d)
}

// aliveOnly drops the times of a keep-alive that is off.
func aliveOnly(o livetest.SocketOptions) livetest.SocketOptions {
	if !o.KeepAlive {
		return livetest.SocketOptions{UserTimeout: o.UserTimeout}
	}
	return o
}

// keepAliveText is TCP keep-alive as it is typed.
func keepAliveText(o livetest.SocketOptions) string {
	switch {
	case !o.KeepAlive:
		return "off"
	case o.Idle == 0:
		return "on"
	}
	text := model.HumanSpan(o.Idle)
	if o.Interval > 0 {
		text += "/" + model.HumanSpan(o.Interval)
	}
	if o.Count > 0 {
		text += fmt.Sprintf("/%d", o.Count)
	}
	return strings.ReplaceAll(text, " ", "")
}

func takeSpan(to *time.Duration, text string) error {
	if text == "" || text == "off" || text == "automatic" {
		*to = 0
		return nil
	}
	d, err := model.ParseSpan(text, time.Second)
	if err != nil {
		return err
	}
	if d <= 0 || d > 24*time.Hour {
		return errors.New("give a time up to 24h, for example 90s")
	}
	*to = d
	return nil
}
