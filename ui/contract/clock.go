package contract

import "time"

// Clock is a time of day in the zone that times are shown in, with the date where that
// is not today's.
func (c *Context) Clock(t time.Time) string {
	t = t.In(c.Now.Location())
	if t.Format(time.DateOnly) != c.Now.Format(time.DateOnly) {
		return t.Format(time.DateOnly + " " + time.TimeOnly)
	}
	return t.Format(time.TimeOnly)
}
