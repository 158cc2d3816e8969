package native

import (
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An sshBlock is a Host or Match line and what stands under it.
type sshBlock struct {
	file     string
	line     int
	keyword  string // host or match
	text     string // as it is written
	criteria []sshCriterion
}

// An sshCriterion is one test of a Match line, or the patterns of a Host line.
type sshCriterion struct {
	name     string // in small letters
	negated  bool
	patterns []string
}

// An sshLine is one directive and the blocks that it stands in, the outermost
// first: a file that is included inside a block belongs to it.
type sshLine struct {
	file   string
	line   int
	words  []string // the keyword first, in small letters
	blocks []*sshBlock
}

// holds reports whether a line stands where a peer is meant.
func (l *sshLine) holds(p *sshPeer) bool {
	return !slices.ContainsFunc(l.blocks, func(b *sshBlock) bool { return !b.holds(p, p.host, p.user, false) })
}

// An sshPeer is what Host and Match lines are held against.
type sshPeer struct {
	host, user, addr, group, localUser, localAddr, localPort string
	forced                                                   *sshBlock // whose criteria that nobody can know are taken as met
}

// sshWords splits a line as OpenSSH does: an equals sign may stand behind the
// keyword, quotes hold words together, and a # that begins a word ends it
// (openssh-portable:misc.c strdelim and argv_split).
func sshWords(line string) []string {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return nil
	}
	end := strings.IndexAny(line, " \t=")
	if end < 0 {
		return []string{strings.ToLower(line)}
	}
	rest := strings.TrimLeft(line[end:], " \t")
	rest = strings.TrimPrefix(rest, "=")
	return append([]string{strings.ToLower(strings.Trim(line[:end], `"`))}, splitWords(rest)...)
}

// sshBlockOf is the block that a Host or Match line opens.
func sshBlockOf(file string, line int, words []string, text string) *sshBlock {
	b := &sshBlock{file: file, line: line, keyword: words[0], text: strings.Join(strings.Fields(text), " ")}
	if words[0] == "host" {
		b.criteria = []sshCriterion{{name: "host-line", patterns: words[1:]}}
		return b
	}
	for i := 1; i < len(words); i++ {
		name, value, given := strings.Cut(words[i], "=")
		name, negated := strings.CutPrefix(strings.ToLower(name), "!")
		c := sshCriterion{name: name, negated: negated}
		switch name {
		case "all", "canonical", "final", "invalid-user":
		default:
			if !given && i+1 < len(words) {
				i++
				value = words[i]
			}
			c.patterns = strings.Split(value, ",")
			if name == "exec" {
				c.patterns = []string{value}
			}
		}
		b.criteria = append(b.criteria, c)
	}
	return b
}

// holds reports whether a block applies to a peer; what only a running program
// sees is taken as met for the block that the peer is forced into. A peer that
// lacks what is asked for is none of those that are named.
func (b *sshBlock) holds(p *sshPeer, hostName, user string, final bool) bool {
	holds := true
	for i := range b.criteria {
		met, sure := b.criteria[i].met(p, hostName, user, final)
		if !sure {
			met = p.forced == b
		}
		holds = holds && met != (b.criteria[i].negated && sure)
	}
	return holds
}

func (c *sshCriterion) met(p *sshPeer, hostName, user string, final bool) (met, known bool) {
	switch c.name {
	case "all":
		return true, true
	case "final":
		return final, true
	case "host-line":
		if final {
			return sshListed(c.patterns, hostName), true
		}
		return sshListed(c.patterns, p.host), true
	case "host":
		return sshListed(c.patterns, strings.ToLower(hostName)), true
	case "originalhost":
		return sshListed(c.patterns, p.host), true
	case "user":
		return sshListed(c.patterns, user), true
	case "group":
		return sshListed(c.patterns, p.group), true
	case "localuser":
		return sshListed(c.patterns, p.localUser), true
	case "address":
		return sshAddress(c.patterns, p.addr), true
	case "localaddress":
		return sshAddress(c.patterns, p.localAddr), true
	case "localport":
		return sshListed(c.patterns, p.localPort), true
	}
	return false, false
}

// sshListed holds a text against a list of patterns; one that is negated and
// matches refuses it (openssh-portable:match.c match_pattern_list).
func sshListed(patterns []string, text string) bool {
	if text == "" {
		return false
	}
	found := false
	for _, pattern := range patterns {
		bare, negated := strings.CutPrefix(pattern, "!")
		if !sshGlob(bare, text) {
			continue
		}
		if negated {
			return false
		}
		found = true
	}
	return found
}

// sshGlob knows * and ? and nothing else.
func sshGlob(pattern, text string) bool {
	escaped := strings.NewReplacer(`\`, `\\`, "[", `\[`, "/", "\x00").Replace(pattern)
	ok, err := path.Match(escaped, strings.ReplaceAll(text, "/", "\x00"))
	return err == nil && ok
}

// sshAddress is [sshListed] for addresses, which may be written as networks.
func sshAddress(patterns []string, text string) bool {
	addr, err := netip.ParseAddr(text)
	found := false
	for _, pattern := range patterns {
		bare, negated := strings.CutPrefix(pattern, "!")
		network, wrong := netip.ParsePrefix(bare)
		matches := err == nil && wrong == nil && network.Contains(addr) || text != "" && wrong != nil && sshGlob(bare, text)
		if !matches {
			continue
		}
		if negated {
			return false
		}
		found = true
	}
	return found
}

// sample is a name that a list of patterns takes, or empty.
func sample(patterns []string, takes func([]string, string) bool) string {
	for _, pattern := range patterns {
		if strings.HasPrefix(pattern, "!") {
			continue
		}
		if network, err := netip.ParsePrefix(pattern); err == nil {
			for addr, n := network.Addr(), 0; network.Contains(addr) && n < 64; addr, n = addr.Next(), n+1 {
				if takes(patterns, addr.String()) {
					return addr.String()
				}
			}
			continue
		}
		for _, filler := range []string{"x", "1", "other"} {
			name := strings.NewReplacer("*", filler, "?", filler[:1]).Replace(pattern)
			if takes(patterns, name) {
				return name
			}
		}
	}
	return ""
}

// asks fills in what a block asks of a peer, as far as nothing stands there yet.
func (b *sshBlock) asks(p *sshPeer) {
	fill := func(to *string, patterns []string, takes func([]string, string) bool) {
		if *to == "" {
			*to = sample(patterns, takes)
		}
	}
	for i := range b.criteria {
		c := &b.criteria[i]
		if c.negated {
			continue
		}
		switch c.name {
		case "host-line", "host", "originalhost":
			fill(&p.host, c.patterns, sshListed)
		case "user":
			fill(&p.user, c.patterns, sshListed)
		case "group":
			fill(&p.group, c.patterns, sshListed)
		case "localuser":
			fill(&p.localUser, c.patterns, sshListed)
		case "address":
			fill(&p.addr, c.patterns, sshAddress)
		case "localaddress":
			fill(&p.localAddr, c.patterns, sshAddress)
		case "localport":
			fill(&p.localPort, c.patterns, sshListed)
		}
	}
	p.forced = b
}

// sshdEffective are the lines that count for a peer of a server: the first of
// each keyword, and those in Match blocks before all others
// (sshd_config(5), Match).
func sshdEffective(lines []sshLine, p *sshPeer) map[string]*sshLine {
	effective := map[string]*sshLine{}
	for _, matched := range []bool{true, false} {
		for i := range lines {
			l := &lines[i]
			if (len(l.blocks) > 0) != matched || effective[l.words[0]] != nil {
				continue
			}
			if l.holds(p) {
				effective[l.words[0]] = l
			}
		}
	}
	return effective
}

// sshEffective are the lines that count for a host of a client: the first of each
// keyword. A Match line sees the HostName and the User that were read before
// it; with one that says final the file is read again for the name found.
func sshEffective(lines []sshLine, p *sshPeer) map[string]*sshLine {
	effective := map[string]*sshLine{}
	passes := []bool{false}
	if slices.ContainsFunc(lines, func(l sshLine) bool { return slices.ContainsFunc(l.blocks, (*sshBlock).final) }) {
		passes = append(passes, true)
	}
	for _, final := range passes {
		for i := range lines {
			l := &lines[i]
			hostName, user := p.host, p.user
			if h := effective["hostname"]; h != nil && len(h.words) > 1 {
				hostName = strings.ReplaceAll(h.words[1], "%h", p.host)
			}
			if u := effective["user"]; user == "" && u != nil && len(u.words) > 1 {
				user = u.words[1]
			}
			if effective[l.words[0]] == nil && !slices.ContainsFunc(l.blocks, func(b *sshBlock) bool { return !b.holds(p, hostName, user, final) }) {
				effective[l.words[0]] = l
			}
		}
	}
	return effective
}

func (b *sshBlock) final() bool {
	return slices.ContainsFunc(b.criteria, func(c sshCriterion) bool { return c.name == "final" })
}

// sshTime reads 90, 1m30s, 2h, 1d or 1w (openssh-portable:misc.c convtime).
func sshTime(text string) (time.Duration, bool) {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	total := time.Duration(0)
	for rest := strings.ToLower(text); rest != ""; {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.ParseInt(rest[:digits], 10, 32)
		if err != nil {
			return 0, false
		}
		unit := time.Second
		if rest = rest[digits:]; rest != "" {
			if unit = units[rest[0]]; unit == 0 {
				return 0, false
			}
			rest = rest[1:]
		}
		total += time.Duration(n) * unit
	}
	return total, text != ""
}
