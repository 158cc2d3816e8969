package native

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

const (
	puttyPing   model.ParamID = "putty.PingIntervalSecs"
	puttyProbes model.ParamID = "putty.tcp_keepalive"
	// puttySession is what a new session begins with.
	puttySession = "Default%20Settings"
	// puttyRoot is where PuTTY keeps its sessions on Windows.
	puttyRoot = `HKEY_CURRENT_USER\Software\SimonTatham\PuTTY\Sessions\`
	puttyNote = "A session that is saved has settings of its own: write the same into each of those that matter, or change and save it in PuTTY."
)

var puttyKeys = strings.ToLower(puttyRoot)

// puttyValue reports whether a parameter is a setting of a PuTTY session.
func puttyValue(p *model.Param) bool { return p.ID == puttyPing || p.ID == puttyProbes }

// puttySettings are the names and numbers that say an item: the interval is
// the sum of minutes and seconds (putty:settings.c load_open_settings).
func puttySettings(p *page, it item) (names []string, numbers []int64, err error) {
	if it.param().ID == puttyProbes {
		n := int64(0)
		if it.value == model.ValueOn {
			n = 1
		}
		return []string{"TCPKeepalives"}, []int64{n}, nil
	}
	names = []string{"PingInterval", "PingIntervalSecs"}
	text, err := p.number(it, p.product(), bareSeconds)
	if err != nil || text == "" {
		return names, []int64{0, 0}, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return names, []int64{n / 60, n % 60}, err
}

// regPuTTY writes an item into the registry's default session.
func regPuTTY(p *page, it item) error {
	names, numbers, err := puttySettings(p, it)
	if err != nil {
		return err
	}
	if !p.undo {
		p.puttyNote()
		if len(numbers) > 1 {
			p.say("", fmt.Sprintf("decimal: %d min and %d s, which PuTTY adds up", numbers[0], numbers[1]))
		}
	}
	p.add("[" + puttyRoot + puttySession + "]")
	for i, name := range names {
		if it.gone {
			p.add(`"` + name + `"=-`)
			continue
		}
		p.add(fmt.Sprintf(`"%s"=dword:%08x`, name, numbers[i]))
	}
	return nil
}

func (p *page) puttyNote() {
	if !slices.Contains(p.notes, puttyNote) {
		p.note(puttyNote)
	}
}

// putty is a session's file under Unix.
func putty() *syntax {
	return &syntax{
		id:    "putty",
		signs: []string{`(?m)^(PingIntervalSecs|TCPKeepalives)=`},
		title: "PuTTY under Unix: a session file", comment: hash,
		checks: []check{{"putty", "0.78", "plink -load"}},
		fits:   func(t *target) bool { return t.side.System.ID == "putty" && t.side.Host.ID != "windows" },
		exportFiles: []exportFile{{
			name: "keeptune-putty", use: "Copy it to ~/.putty/sessions/ and load it with plink -load keeptune-putty, or put its lines into a session's file there.",
			owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "putty" },
			body: func(p *page) error {
				for _, it := range p.items {
					names, numbers, err := puttySettings(p, it)
					if err != nil {
						return err
					}
					p.reasons("", it)
					for i, name := range names {
						if !it.gone {
							p.add(fmt.Sprintf("%s=%d", name, numbers[i]))
						}
					}
				}
				return nil
			},
		}},
		read: func(r *reader, text string) {
			var s puttySessions
			for n, line := range numbered(text) {
				if name, value, ok := strings.Cut(line, "="); ok && line[0] != '#' {
					s.number(r, n, "", name, value)
				}
			}
			s.settle(r)
		},
	}
}

// puttySessions collects what is said of the interval in two values.
type puttySessions struct {
	key                  string // of the session
	minutes, seconds     int64
	minutesAt, secondsAt int      // the lines of both, 0 where there is none
	scopes               []*scope // of the sessions that are named, in order
}

// in hands what is read to the scope of the session.
func (s *puttySessions) in(r *reader, line int, read func()) {
	if s.key == "" {
		read()
		return
	}
	name := s.key[strings.LastIndexByte(s.key, '\\')+1:]
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	where := "session " + name
	i := slices.IndexFunc(s.scopes, func(o *scope) bool { return o.where == where })
	if i < 0 {
		i = len(s.scopes)
		s.scopes = append(s.scopes, r.scope(line, where, r.root))
	}
	r.in(s.scopes[i], read)
}

// settle lists the sessions; one that is alone is the whole file.
func (s *puttySessions) settle(r *reader) {
	s.take(r)
	for _, at := range s.scopes {
		if len(s.scopes) == 1 {
			r.join(at, r.root)
		} else {
			r.list(at, "")
		}
	}
}

// dword takes a value of the registry.
func (s *puttySessions) dword(r *reader, line int, key, name, value string) {
	hex, ok := strings.CutPrefix(strings.ToLower(value), "dword:")
	n, err := strconv.ParseUint(hex, 16, 32)
	if ok && err == nil {
		s.number(r, line, key, name, strconv.FormatUint(n, 10))
	}
}

// number takes a value of a session; PuTTY has some two hundred others.
func (s *puttySessions) number(r *reader, line int, key, name, value string) {
	if key != s.key {
		s.take(r)
		*s = puttySessions{key: key, scopes: s.scopes}
	}
	switch strings.ToLower(name) {
	case "tcpkeepalives":
		s.in(r, line, func() { r.set(line, puttyProbes, value) })
		return
	case "pinginterval", "pingintervalsecs":
	default:
		return
	}
	n, err := strconv.ParseInt(value, 10, 32)
	if err != nil {
		r.warn(line, "%s is not a number", name)
		return
	}
	if n == 0 && strings.EqualFold(name, "PingInterval") {
		r.leave(line, "0 minutes add nothing to PingIntervalSecs")
		return
	}
	if strings.EqualFold(name, "PingInterval") {
		s.minutes, s.minutesAt = n, line
	} else {
		s.seconds, s.secondsAt = n, line
	}
}

// take sets the interval of a session that says one.
func (s *puttySessions) take(r *reader) {
	line := max(s.minutesAt, s.secondsAt)
	if line == 0 {
		return
	}
	if other := min(s.minutesAt, s.secondsAt); other > 0 {
		r.use(other)
	}
	s.in(r, line, func() { r.set(line, puttyPing, strconv.FormatInt(s.minutes*60+s.seconds, 10)) })
}
