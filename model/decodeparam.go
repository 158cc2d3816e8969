package model

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A keyError is what is wrong with the value of one key of a table.
type keyError struct {
	key string
	err error
}

var (
	units = []Unit{UnitMicrosecond, UnitMillisecond, UnitSecond, UnitMinute, UnitHalfSecond, UnitClock, UnitCount, UnitSwitch}
	zeros = []Zero{ZeroOff, ZeroNever, ZeroUnset, ZeroLiteral, ZeroInvalid}
)

func (d decoder) param(raw rawParam, id ParamID, side FaceKind) (*Param, *keyError) {
	p := &Param{
		ID: id, Name: raw.Name, Aliases: raw.Aliases, Role: Role(raw.Role), Face: side,
		Unit: Unit(raw.Unit), Zero: Zero(raw.Zero), Never: raw.Never, Min: raw.Min, Max: raw.Max,
		Fixed: raw.Fixed, Since: Version(raw.Since), Before: Version(raw.Before), SetSince: raw.SetSince,
		Fallback: ParamID(raw.Fallback), Extra: raw.Extra, Where: raw.Where, Effect: raw.Effect,
		Text: raw.Text, Surprise: raw.Surprise, AtOnce: raw.AtOnce, Checked: raw.Checked,
		Resets: raw.Resets, Sending: raw.Sending, Over: raw.Over, Toward: raw.Toward,
	}
	for _, g := range raw.Not {
		p.Gaps = append(p.Gaps, Gap(g))
	}
	switch {
	case p.Name == "":
		return nil, &keyError{"", errors.New("a parameter needs a name")}
	case !p.Role.Known():
		return nil, &keyError{"role", fmt.Errorf("%s has the unknown role %q", id, raw.Role)}
	case !slices.Contains(units, p.Unit):
		return nil, &keyError{"unit", fmt.Errorf("%s has the unknown unit %q; it must be one of %v", id, raw.Unit, units)}
	case !slices.Contains(zeros, p.Zero):
		return nil, &keyError{"zero", fmt.Errorf("%s has the unknown zero meaning %q; it must be one of %v", id, raw.Zero, zeros)}
	case p.AtOnce && p.Role != RoleAge:
		return nil, &keyError{"at_once", fmt.Errorf("%s has at_once, which only the role age has", id)}
	case p.Checked && p.Role != RoleAge:
		return nil, &keyError{"before_reuse", fmt.Errorf("%s has before_reuse, which only the role age has", id)}
	case p.Checked && (p.AtOnce || side != FaceClient):
		return nil, &keyError{"before_reuse", fmt.Errorf("%s has before_reuse, which is of a client's pool that does not end the connection at once", id)}
	case (p.Resets || p.Sending || p.Over != "") && p.Role != RolePingEvery:
		return nil, &keyError{"role", fmt.Errorf("%s has resets_idle, put_off_by_sending or over, which only the role ping-every has", id)}
	case raw.Needs != "" && p.Role != RoleIdle:
		return nil, &keyError{"needs", fmt.Errorf("%s has needs, which only the role idle has", id)}
	case raw.Unless != "" && p.Role != RoleMiddleboxTTL:
		return nil, &keyError{"unless", fmt.Errorf("%s has unless, which only the role middlebox-idle has", id)}
	case p.Toward != "" && (p.Toward != FaceClient && p.Toward != FaceServer || !p.Role.TCP()):
		return nil, &keyError{"toward", fmt.Errorf("%s has toward %q; it is client or server, and for a socket option", id, Clean(string(p.Toward), 40))}
	case p.Role != RoleInformation && p.Role.Shape() != p.Shape():
		return nil, &keyError{"unit", fmt.Errorf("%s has the role %s, which does not go with the unit %s", id, p.Role, p.Unit)}
	}
	if raw.Absent != "" {
		v, err := anyValue(p, raw.Absent)
		if err != nil {
			return nil, &keyError{"absent", err}
		}
		p.Absent = v
	}
	byVersion := map[Version][]Default{}
	var versions []Version
	for _, rd := range raw.Default {
		v, err := anyValue(p, rd.Value)
		switch {
		case err != nil:
			return nil, &keyError{"default", err}
		case rd.Source == "" || rd.Seen == "":
			return nil, &keyError{"default", fmt.Errorf("the default of %s needs a source and the date it was seen", id)}
		}
		since := Version(rd.Since)
		if !slices.Contains(versions, since) {
			versions = append(versions, since)
		}
		byVersion[since] = append(byVersion[since], Default{
			Value: v, Distribution: rd.Distribution, OS: SystemID(rd.OS), OSBefore: rd.OSBefore,
			Source: rd.Source, Seen: rd.Seen,
		})
	}
	for _, v := range versions {
		p.Defaults = append(p.Defaults, Since[[]Default]{v, byVersion[v]})
	}
	for _, r := range raw.Real {
		early, isEarly := strings.CutPrefix(r.Low, "-")
		low, err := spanOrZero(early)
		if isEarly {
			low = -low
		}
		high, err2 := spanOrZero(r.High)
		step, err3 := spanOrZero(r.Step)
		if err := errors.Join(err, err2, err3); err != nil {
			return nil, &keyError{"real", err}
		}
		if high < low {
			return nil, &keyError{"real", fmt.Errorf("the spread of %s ends before it begins", id)}
		}
		if step > high-low {
			return nil, &keyError{"real", fmt.Errorf("the spread of %s is %s wide, narrower than its step of %s", id, HumanSpan(high-low), HumanSpan(step))}
		}
		p.Real = append(p.Real, Since[Spread]{Version(r.Since), Spread{low, high, r.Ratio, step, r.Up, r.Source}})
	}
	for _, c := range raw.Caps {
		p.Caps = append(p.Caps, Since[bool]{Version(c.Since), c.Idle})
	}
	return p, nil
}

// anyValue reads a catalog value, which unlike an entered one may be unknown,
// and never where the product has no way to write that.
func anyValue(p *Param, text string) (Value, error) {
	switch text {
	case "unknown":
		return ValueUnknown, nil
	case "never":
		return ValueNever, nil
	case "off":
		return ValueOff, nil
	}
	return p.ParseValue(text)
}

// rawSocket is what a product does with the TCP keep-alive options of its
// sockets on one side.
type rawSocket struct {
	Keepalive, Idle, Every, Count []rawDefault
	UserTimeout                   []rawDefault       `toml:"user_timeout"`
	Knob                          string             // the product's own name for the switch
	Knobs                         map[string]string  // and for the others, by their key here
	Where                         string             // where that is written
	Effect                        string             // what must happen for a change to take effect
	Follows                       []rawSocketFollow  // options that another one sets too
	Whole                         Whole              // how a part of a second is made whole, where it is
	Sets                          []string           // which of the five it can set
	Since                         Version            // the first version that can
	Later                         map[string]Version // and for single options, by their key here
	Source, Seen                  string             // for options without a default of their own
}

// A rawSocketFollow names two options by their keys in [rawSocket].
type rawSocketFollow struct {
	Since, Option, Of string
	Divide            int64
	Fixed             string // what it is set to, whatever the other is
}

// socketOptions are the parameters that every face has, whether or not the
// product can set them: socket(7) SO_KEEPALIVE and the tcp(7) options.
// The ranges are Linux's (do_tcp_setsockopt in net/ipv4/tcp.c).
var socketOptions = []struct {
	key, name string
	role      Role
	unit      Unit
	zero      Zero
	max       int64
	text      string
}{
	{"keepalive", "tcp_keepalive", RoleKeepAlive, UnitSwitch, ZeroOff, 0, "SO_KEEPALIVE of this side's sockets. The probe times of the operating system only matter to sockets that have it on."},
	{"idle", "tcp_keepidle", RoleProbeIdle, UnitSecond, ZeroUnset, 32767, "TCP_KEEPIDLE: silence before the first probe. Unset, the operating system's value applies."},
	{"every", "tcp_keepintvl", RoleProbeEvery, UnitSecond, ZeroUnset, 32767, "TCP_KEEPINTVL: time between probes that are not answered. Unset, the operating system's value applies."},
	{"count", "tcp_keepcnt", RoleProbeCount, UnitCount, ZeroUnset, 127, "TCP_KEEPCNT: unanswered probes before the connection is given up. Unset, the operating system's value applies."},
	{"user_timeout", "tcp_user_timeout", RoleUserTimeout, UnitMillisecond, ZeroOff, 2147483647, "TCP_USER_TIMEOUT: how long sent data may stay unacknowledged. With probes on, it takes the place of the probe count."},
}

// optionName is the parameter behind a key of a socket table, or empty.
func optionName(key string) string {
	for _, o := range socketOptions {
		if o.key == key {
			return o.name
		}
	}
	return ""
}

func (d decoder) socket(s *System, side FaceKind, raw *rawSocket, prefix string) error {
	if raw == nil {
		raw = &rawSocket{Source: "not documented", Seen: KnowledgeDate}
	}
	if !slices.Contains([]Whole{WholeAsIs, WholeDown, WholeUp}, raw.Whole) {
		return d.fail(string(side)+".socket", 0, "whole", fmt.Errorf("whole is %q; it must be down or up", Clean(string(raw.Whole), 40)))
	}
	for _, f := range raw.Follows {
		if optionName(f.Option) == "" || f.Of != "" && optionName(f.Of) == "" {
			return d.fail(string(side)+".socket", 0, "follows", fmt.Errorf("follows names %q and %q; they must be keepalive, idle, every, count or user_timeout", f.Option, f.Of))
		}
	}
	given := map[string][]rawDefault{
		"keepalive": raw.Keepalive, "idle": raw.Idle, "every": raw.Every,
		"count": raw.Count, "user_timeout": raw.UserTimeout,
	}
	for _, o := range socketOptions {
		defaults := given[o.key]
		if len(defaults) == 0 {
			value := "unset"
			switch o.key {
			case "keepalive":
				value = "unknown"
			case "user_timeout":
				value = "off"
			}
			defaults = []rawDefault{{Since: "0", Value: value}}
		}
		for i := range defaults {
			if defaults[i].Source == "" {
				defaults[i].Source, defaults[i].Seen = raw.Source, raw.Seen
			}
		}
		rp := rawParam{
			Name: o.name, Role: string(o.role), Unit: string(o.unit), Zero: string(o.zero), Max: o.max,
			Default: defaults, Text: o.text, Fixed: !slices.Contains(raw.Sets, o.key), Where: raw.Where, Effect: raw.Effect,
			SetSince: cmp.Or(raw.Later[o.key], raw.Since),
		}
		if rp.Fixed && o.zero == ZeroUnset {
			rp.Zero, rp.Min = string(ZeroInvalid), 1 // the kernel refuses 0; a product takes it for its default
		}
		if raw.Whole != WholeAsIs && o.zero == ZeroUnset && !rp.Fixed {
			rp.Max = 0 // the program takes any, the kernel refuses in silence
		}
		if name := cmp.Or(raw.Knobs[o.key], raw.Knob); name != "" && (o.key == "keepalive" || raw.Knobs[o.key] != "") {
			rp.Name, rp.Aliases = name, []string{o.name}
		}
		p, err := d.param(rp, ParamID(prefix+o.name), side)
		if err != nil {
			return d.fail(string(side)+".socket", 0, err.key, err.err)
		}
		if o.zero == ZeroUnset {
			p.Whole, p.Kernel = raw.Whole, o.max
		}
		for _, f := range raw.Follows {
			if f.Option == o.key {
				rp.Follows = append(rp.Follows, rawFollow{f.Since, optionName(f.Of), f.Fixed, f.Divide})
			}
		}
		if p.Follows, err = follows(p, rp.Follows, s.ID, prefix); err != nil {
			return d.fail(string(side)+".socket", 0, err.key, err.err)
		}
		s.Params = append(s.Params, p)
	}
	return nil
}
