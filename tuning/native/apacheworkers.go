package native

import (
	"slices"
	"strconv"
	"strings"

	"example.com/keeptune/model"
)

// process takes the process model and how many requests it serves at once.
// Without MaxRequestWorkers that is 16 x 25, under prefork 256.
func (c *apacheConfig) process(p *apachePlace) {
	limit, threads := c.number(p, "serverlimit"), c.number(p, "threadsperchild")
	most := c.number(p, "maxrequestworkers", "maxclients")
	if c.mpm == nil {
		if most != nil {
			p.set(apacheMax, most.by, model.Times(most.count))
		}
		return
	}
	id := strings.ToLower(c.mpm.arg(0))
	p.set(apacheMPM, c.mpm, model.Switch(id != "mpm_event_module"))
	prefork := id == "mpm_prefork_module"
	given := most != nil
	if !given {
		most = &apacheNumber{c.mpm, apacheWorkers}
		if prefork {
			most.count = 256
		}
	}
	n := apacheCut(most.count, limit, threads, prefork)
	if n != most.count && given && c.lost[most.by] == "" {
		c.lost[most.by] = "cut"
		c.tell(most.by, "%s %s becomes %d by ServerLimit and ThreadsPerChild", most.by.words[0], most.by.arg(0), n)
	}
	if limit != nil && apacheCut(most.count, nil, threads, prefork) != n {
		c.mark(limit.by)
	}
	if threads != nil && apacheCut(most.count, limit, nil, prefork) != n {
		c.mark(threads.by)
	}
	if given || n != apacheWorkers {
		p.set(apacheMax, most.by, model.Times(n))
	}
}

// apacheCut is what httpd makes of MaxRequestWorkers: at most ServerLimit x
// ThreadsPerChild, and whole children (httpd:server/mpm/event/event.c
// event_check_config; prefork has no threads).
func apacheCut(most int64, limit, threads *apacheNumber, prefork bool) int64 {
	if prefork {
		return min(most, limit.or(256))
	}
	each := threads.or(25)
	n := min(most, limit.or(16)*each)
	return max(n-n%each, 1)
}

type apacheNumber struct {
	by    *directive
	count int64
}

func (n *apacheNumber) or(other int64) int64 {
	if n == nil {
		return other
	}
	return n.count
}

// number is the last line of the server config with one of some names.
func (c *apacheConfig) number(p *apachePlace, names ...string) *apacheNumber {
	for _, d := range slices.Backward(c.main.own) {
		if !slices.Contains(names, d.name) {
			continue
		}
		if d.doubt != "" {
			p.doubt(d, d.doubt, apacheMax)
			continue
		}
		for _, other := range c.main.own {
			if other != d && slices.Contains(names, other.name) && c.lost[other] == "" {
				c.lost[other] = decidesInstead(other, d)
			}
		}
		n, err := strconv.ParseInt(d.arg(0), 10, 64)
		if err != nil || n < 1 {
			if !c.bad[d] {
				c.tell(d, "%s takes a number, not %q", d.words[0], d.arg(0))
			}
			c.bad[d] = true
			return nil
		}
		if names[0] != "maxrequestworkers" && c.lost[d] == "" {
			c.lost[d] = "it only bounds MaxRequestWorkers, which is within it"
		}
		return &apacheNumber{d, n}
	}
	return nil
}
