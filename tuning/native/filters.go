package native

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
)

const (
	pfTime        model.ParamID = "pf.tcp.established"
	conntrackTime model.ParamID = "conntrack.nf_conntrack_tcp_timeout_established"
)

// pfEstablished is the time, in a set line or in the options of a rule's state
// (pf.conf(5), set timeout and STATEFUL TRACKING OPTIONS).
var pfEstablished = lazily(`\btcp\.established\s+(\S+?)(?:[,)}\s]|$)`)

// readPF reads set timeout, alone and in braces, and the rules that say otherwise.
func readPF(r *reader, text string) {
	p := r.places(nil)
	begin, whole := 0, false // of the line that is continued
	for n, line := range numbered(text) {
		if line == "" || line[0] == '#' {
			continue
		}
		if begin == 0 {
			begin, whole = n, strings.HasPrefix(line, "set ")
		} else {
			r.use(begin)
		}
		if m := pfEstablished().FindStringSubmatch(line); m != nil {
			at := r.root
			if !whole {
				at = p.at(begin, fmt.Sprintf("the rule of line %d", begin))
			}
			r.in(at, func() { r.set(n, pfTime, m[1]) })
		}
		if !strings.HasSuffix(line, `\`) {
			begin = 0
		}
	}
	p.settle("every other rule")
}

// nftables reads the timeouts of connections that a rule set gives to some.
func nftables() *syntax {
	return &syntax{
		id:    "nftables",
		signs: []string{`(?m)^\s*(add |create )?ct timeout .*\{|^\s*table (ip|ip6|inet) \S+ \{`},
		title: "nftables: ct timeout objects", comment: hash,
		fits:      func(*target) bool { return false },
		unchecked: "It is read only: the time that holds without one is a sysctl.",
		read:      readNFT, system: "conntrack",
		bears: func(line string) bool { return nftBears().MatchString(line) && !strings.HasPrefix(line, "#") },
	}
}

var (
	nftBears  = lazily(`\bct timeout\b|\bpolicy\s*=\s*\{|\bestablished\s*:|\bflowtable\b|\bflow (add|offload)\b`)
	nftObject = lazily(`\bct timeout (?:(?:ip6?|inet|arp|bridge|netdev) )?(?:[\w-]+ )?"?([\w.-]+)"?\s*'?\{`)
	nftPolicy = lazily(`\bestablished\s*:\s*"?([\w]+)"?`)
	nftUse    = lazily(`\bct timeout set "?([\w.-]+)"?`)
	nftSpan   = lazily(`^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$`)
)

// readNFT makes a context of each ct timeout object that some rule sets.
func readNFT(r *reader, text string) {
	p := r.places(nil)
	uses := map[string]int{} // by the object, the first line
	for n, line := range numbered(text) {
		if m := nftUse().FindStringSubmatch(line); m != nil && line[0] != '#' {
			if first := uses[m[1]]; first != 0 {
				r.leave(n, "line %d sets it already", first)
				continue
			}
			uses[m[1]] = n
			r.use(n)
		}
	}
	name, udp, depth, begun := "", false, 0, 0
	for n, line := range numbered(text) {
		if line == "" || line[0] == '#' {
			continue
		}
		if m := nftObject().FindStringSubmatch(line); m != nil && !nftUse().MatchString(line) {
			name, udp, depth, begun = m[1], false, 0, n
		}
		if name == "" {
			if strings.Contains(line, "flow") {
				r.leave(n, "what is offloaded to a flowtable has the flowtable's own time beside this one")
			}
			continue
		}
		if strings.Contains(line, "protocol udp") {
			udp = true
			for _, at := range []int{begun, uses[name]} {
				if at != 0 {
					r.leave(at, "it is for UDP")
				}
			}
		}
		switch m := nftPolicy().FindStringSubmatch(line); {
		case udp && nftBears().MatchString(line):
			r.leave(n, "it is for UDP")
		case m != nil:
			if uses[name] == 0 {
				r.leave(n, "no rule sets the ct timeout %s", name)
				r.leave(begun, "no rule sets the ct timeout %s", name)
				break
			}
			r.use(begun)
			r.in(p.at(n, "ct timeout "+name), func() { r.nftTime(n, m[1]) })
		}
		if depth += strings.Count(line, "{") - strings.Count(line, "}"); depth <= 0 {
			name = ""
		}
	}
	for _, s := range p.scopes {
		r.list(s, "")
	}
	if len(p.scopes) > 0 {
		rest := r.scope(1, "every other connection", r.root)
		rest.system = "conntrack"
		r.list(rest, "")
	}
}

// nftTime takes 1d2h3m4s or seconds.
func (r *reader) nftTime(line int, text string) {
	m := nftSpan().FindStringSubmatch(text)
	if m == nil || text == "" {
		r.warn(line, "%s: %q is no time of nftables; write 7200 or 2h", conntrackTime, text)
		return
	}
	total := time.Duration(0)
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if n, err := strconv.ParseInt(m[1+i], 10, 32); err == nil {
			total = model.Add(total, time.Duration(n)*unit)
		}
	}
	r.set(line, conntrackTime, total.String())
}
