package run

import "context"

// What is asked again and again shall not cost the server a page each time.
const (
	// lightPage is the largest page, in bytes, that is fetched again and again.
	lightPage = 16 << 10
	// wholeBytes is how much request counting fetches before it looks for a lighter way, and
	// wholeReplies how many replies it times at least.
	wholeBytes   = 1 << 20
	wholeReplies = 3
)

// seen remembers how large the target's page is.
func (r *run) seen(method string, re reply) {
	if method == r.spec.Target.Method {
		r.page.Store(max(r.page.Load(), re.size))
	}
}

// mayStandIn remembers that the server keeps connections open behind HEAD, which then may
// stand in for GET.
func (r *run) mayStandIn(re reply) {
	if r.spec.Target.Method == "GET" && re.status < 400 {
		r.headServes.Store(true)
	}
}

func (r *run) heavy() bool { return r.page.Load() > lightPage }

// askLightly asks on the control connection: for HEAD instead of a heavy page, or where HEAD
// does not serve, for the page, of which only the header is read; whole is false then, and the
// connection cannot be used again.
func (r *run) askLightly(ctx context.Context, l *link) (re reply, whole bool, err error) {
	method := r.spec.Target.Method
	if !r.heavy() {
		re, err = r.ask(ctx, l, true)
		return re, true, err
	}
	whole = r.headServes.Load()
	if whole {
		method = "HEAD"
	}
	re, sent, err := l.exchange("HEAD", requestText(r.spec.Target, method, "HTTP/1.1", true))
	if err != nil {
		return re, whole, err
	}
	e := replyEvent(re)
	e.Asked, e.Method = true, method
	r.answered(ctx, l, re, sent, e)
	return re, whole, nil
}

// lighter reports whether counting goes on with HEAD, after so many replies and bytes.
func (r *run) lighter(replies int, size int64) bool {
	return replies >= wholeReplies && size >= wholeBytes && r.heavy() && r.headServes.Load()
}
