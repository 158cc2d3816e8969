package native

import (
	"fmt"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// sshFace is one end of OpenSSH: what is read of its configuration.
type sshFace struct {
	system model.SystemID
	others string // how a connection is called that no block names
	params map[string]model.ParamID
	apart  map[string]string // other keywords that bear on connections, and why they are not used
}

func sshParams(system model.SystemID, names ...string) map[string]model.ParamID {
	list := map[string]model.ParamID{"tcpkeepalive": model.ParamID(system) + ".tcp_keepalive"}
	for _, name := range names {
		list[strings.ToLower(name)] = model.ParamID(string(system) + "." + name)
	}
	return list
}

var sshClient = sshFace{
	system: "ssh", others: "every other host",
	params: sshParams("ssh", "ServerAliveInterval", "ServerAliveCountMax", "ConnectTimeout", "ChannelTimeout"),
	apart: map[string]string{
		"controlmaster":  "a session may share the connection of another",
		"controlpersist": "a shared connection stays open without a session for this long",
		"proxyjump":      "the connection goes through another host; name that in the path",
		"proxycommand":   "another program makes the connection",
		"proxyusefdpass": "another program makes the connection",
		"keepalive":      "an old name, which newer versions of ssh still read as TCPKeepAlive",
	},
}

var sshServer = sshFace{
	system: "sshd", others: "every other connection",
	params: sshParams("sshd", "ClientAliveInterval", "ClientAliveCountMax", "LoginGraceTime", "ChannelTimeout", "UnusedConnectionTimeout"),
	apart: map[string]string{
		"maxstartups":          "it bounds logins at the same time, not idle connections",
		"persourcemaxstartups": "it bounds logins at the same time, not idle connections",
		"persourcepenalties":   "it refuses connections, and ends none",
		"keepalive":            "an old name, which newer versions of sshd still read as TCPKeepAlive",
	},
}

// sshBlocksLimit bounds how many blocks are held against each other.
const sshBlocksLimit = 60

// bears reports whether a line of a configuration speaks of connections.
func (f *sshFace) bears(line string) bool {
	words := sshWords(line)
	if len(words) == 0 {
		return false
	}
	return f.params[words[0]] != "" || f.apart[words[0]] != ""
}

func (f *sshFace) read(r *reader, text string) {
	var lines []sshLine
	r.openssh(f, text, nil, &lines)
	if !slices.ContainsFunc(lines, func(l sshLine) bool { return len(l.blocks) > 0 && f.params[l.words[0]] != "" }) {
		all := sshContext{effective: f.effective(lines, &sshPeer{})}
		r.sshContext(f, r.root, &all, lines)
		r.file = r.opened.source.Name
		r.sshShadowed(f, lines, []sshContext{all})
		return
	}
	contexts := f.contexts(lines)
	contexts[0].file = r.file
	for i := range contexts {
		c := &contexts[i]
		r.file = c.file
		s := r.scope(max(c.line, 1), c.where, nil)
		s.system = f.system
		r.sshContext(f, s, c, lines)
		r.list(s, "")
	}
	r.file = r.opened.source.Name
	r.sshShadowed(f, lines, contexts)
}

// openssh reads a text and what it includes. A Match or Host line holds up to
// the next one, or the end of its file.
func (r *reader) openssh(f *sshFace, text string, outer []*sshBlock, lines *[]sshLine) {
	blocks := outer
	for n, line := range numbered(text) {
		words := sshWords(line)
		if len(words) == 0 {
			continue
		}
		if f.bears(line) {
			r.bear(n, line)
		}
		switch words[0] {
		case "match", "host":
			if words[0] == "host" && f.system == "sshd" {
				r.warn(n, "%s is not understood", line)
				continue
			}
			r.use(n)
			blocks = append(slices.Clone(outer), sshBlockOf(r.file, n, words, line))
		case "include":
			for _, name := range words[1:] {
				for included := range r.included(n, r.sshHome(name)) {
					r.openssh(f, included, blocks, lines)
				}
			}
		default:
			if why := f.apart[words[0]]; why != "" {
				r.leave(n, "%s", why)
			}
			*lines = append(*lines, sshLine{r.file, n, words, blocks})
		}
	}
}

// sshHome is the name of an included file where ~ stands for the home of the
// user whose configuration is read.
func (r *reader) sshHome(name string) string {
	rest, ok := strings.CutPrefix(name, "~/")
	home, found := strings.CutSuffix(r.opened.source.Path, "/.ssh/config")
	if !ok || !found {
		return name
	}
	if root, ok := r.opened.root(); ok {
		home = strings.TrimPrefix(home, root)
	}
	return home + "/" + rest
}

// effective are the lines that count for a peer.
func (f *sshFace) effective(lines []sshLine, p *sshPeer) map[string]*sshLine {
	if f.system == "sshd" {
		return sshdEffective(lines, p)
	}
	return sshEffective(lines, p)
}

// An sshContext is a kind of peer and the lines that count for it.
type sshContext struct {
	where, file string
	line        int
	peer        sshPeer
	effective   map[string]*sshLine
	universal   bool // it is every peer that no block names, too
}

// contexts are a peer that nobody names, one for each block that says something
// of connections, and one for each two blocks that may hold at once and say
// something else together than each alone.
func (f *sshFace) contexts(lines []sshLine) []sshContext {
	others := sshContext{where: f.others, peer: sshPeer{host: "another.invalid", user: "nobody-named"}}
	list := []sshContext{others}
	var blocks [][]*sshBlock
	for i := range lines {
		b := lines[i].blocks
		known := slices.ContainsFunc(blocks, func(o []*sshBlock) bool { return slices.Equal(o, b) })
		if len(b) == 0 || known || f.params[lines[i].words[0]] == "" || len(blocks) >= sshBlocksLimit {
			continue
		}
		blocks = append(blocks, b)
		list = append(list, f.blockContexts(b)...)
	}
	for i := range list {
		list[i].effective = f.effective(lines, &list[i].peer)
	}
	list = slices.CompactFunc(list, func(a, b sshContext) bool { return a.where == b.where && f.sameValues(a.effective, b.effective) })
	list = slices.DeleteFunc(list, func(c sshContext) bool { return c.universal })
	for i, n := 1, len(list); i < n; i++ {
		for j := i + 1; j < n; j++ {
			if both, ok := f.both(lines, &list[i], &list[j]); ok && len(list) < sshBlocksLimit {
				list = append(list, both)
			}
		}
	}
	return list
}

// anyone reports whether a block names nobody: Host * and Match all hold for
// every other peer, too.
func (b *sshBlock) anyone() bool {
	return !slices.ContainsFunc(b.criteria, func(c sshCriterion) bool {
		return c.name != "all" && !slices.Equal(c.patterns, []string{"*"})
	})
}

// blockContexts are the peers of a block: one for each name of a Host line, and
// for each that it leaves out.
func (f *sshFace) blockContexts(blocks []*sshBlock) []sshContext {
	last := blocks[len(blocks)-1]
	peer := sshPeer{}
	for _, b := range blocks {
		b.asks(&peer)
	}
	universal := !slices.ContainsFunc(blocks, func(b *sshBlock) bool { return !b.anyone() })
	list := []sshContext{{where: last.text, file: last.file, line: last.line, peer: peer, universal: universal}}
	if last.keyword != "host" || len(blocks) > 1 || len(last.criteria[0].patterns) < 2 {
		return list
	}
	list = nil
	for _, pattern := range last.criteria[0].patterns {
		bare, negated := strings.CutPrefix(pattern, "!")
		name := sample([]string{bare}, sshListed)
		where := "Host " + bare
		if !negated {
			if name = sample(append(slices.DeleteFunc(slices.Clone(last.criteria[0].patterns), func(p string) bool { return !strings.HasPrefix(p, "!") }), bare), sshListed); name == "" {
				continue
			}
		}
		list = append(list, sshContext{where: where, file: last.file, line: last.line, peer: sshPeer{host: name, forced: last}})
	}
	return list
}

func (f *sshFace) sameValues(a, b map[string]*sshLine) bool {
	for keyword := range f.params {
		if a[keyword] != b[keyword] {
			return false
		}
	}
	return true
}

// both is a peer that two blocks name, where what counts for it differs from
// what counts for each.
func (f *sshFace) both(lines []sshLine, a, b *sshContext) (sshContext, bool) {
	peer, clash := a.peer, false
	if peer.forced == nil || b.peer.forced == nil || peer.forced.keyword == "host" && b.peer.forced.keyword == "host" {
		return sshContext{}, false
	}
	for _, field := range []struct {
		mine  *string
		other string
	}{
		{&peer.host, b.peer.host},
		{&peer.user, b.peer.user},
		{&peer.addr, b.peer.addr},
		{&peer.group, b.peer.group},
		{&peer.localUser, b.peer.localUser},
		{&peer.localAddr, b.peer.localAddr},
		{&peer.localPort, b.peer.localPort},
	} {
		clash = clash || *field.mine != "" && field.other != "" && *field.mine != field.other
		if *field.mine == "" {
			*field.mine = field.other
		}
	}
	effective := f.effective(lines, &peer)
	where := fmt.Sprintf("%s, and %s", a.where, b.where)
	return sshContext{where: where, file: b.file, line: b.line, peer: peer, effective: effective},
		!clash && !f.sameValues(effective, a.effective) && !f.sameValues(effective, b.effective)
}

// sshContext hands the lines that count to a scope.
func (r *reader) sshContext(f *sshFace, s *scope, c *sshContext, lines []sshLine) {
	file := r.file
	r.in(s, func() {
		for i := range lines {
			l := &lines[i]
			if id := f.params[l.words[0]]; id != "" && c.effective[l.words[0]] == l {
				r.file = l.file
				r.sshValue(id, l)
			}
		}
	})
	r.file = file
}

// sshShadowed notes which line counts in place of one that counts nowhere: where
// that one would, if there is such a peer.
func (r *reader) sshShadowed(f *sshFace, lines []sshLine, contexts []sshContext) {
	for i := range lines {
		l := &lines[i]
		if f.params[l.words[0]] == "" {
			continue
		}
		at := slices.IndexFunc(contexts, func(c sshContext) bool { return l.holds(&c.peer) && c.effective[l.words[0]] != nil })
		if counts := contexts[max(at, 0)].effective[l.words[0]]; counts != nil && counts != l {
			r.over[place{l.file, l.line}] = place{counts.file, counts.line}
		}
	}
}

func (r *reader) sshValue(id model.ParamID, l *sshLine) {
	if len(l.words) < 2 {
		r.warn(l.line, "%s has no value", l.words[0])
		return
	}
	value := strings.ToLower(l.words[1])
	switch l.words[0] {
	case "tcpkeepalive":
		if value != "yes" && value != "no" {
			r.warn(l.line, "TCPKeepAlive is yes or no, not %q", l.words[1])
			return
		}
		r.take(l.line, id, model.Switch(value == "yes"))
	case "channeltimeout":
		r.channelTimeout(id, l)
	case "clientalivecountmax", "serveralivecountmax":
		r.set(l.line, id, value)
	default:
		r.sshSpan(id, l.line, value)
	}
}

func (r *reader) sshSpan(id model.ParamID, line int, text string) {
	if text == "none" {
		r.take(line, id, model.ValueNever)
		return
	}
	d, ok := sshTime(text)
	if !ok {
		r.warn(line, "%s: %q is not a time; write 90, 90s, 15m or 2h", id, text)
		return
	}
	r.set(line, id, fmt.Sprint(int64(d.Seconds())))
}

// channelTimeout takes the time of session channels: the first type that names
// them (openssh-portable:channels.c lookup_timeout).
func (r *reader) channelTimeout(id model.ParamID, l *sshLine) {
	if l.words[1] == "none" {
		r.take(l.line, id, model.ValueNever)
		return
	}
	for _, entry := range l.words[1:] {
		kind, text, _ := strings.Cut(entry, "=")
		if sshGlob(strings.ToLower(kind), "session:shell") {
			r.sshSpan(id, l.line, strings.ToLower(text))
			return
		}
		if kind == "session" {
			r.leave(l.line, "session= has an effect from 10.6 on only; write session:*=%s", text)
			return
		}
	}
	r.leave(l.line, "it speaks of other channels than sessions")
}
