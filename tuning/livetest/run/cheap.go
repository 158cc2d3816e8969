package run

import "context"

// What is asked again and again shall not cost the server a page each time.
const (
	// cheapPage is the largest page, in bytes, that is fetched again and again.
	cheapPage = 16 << 10
	// wholeBytes is how much request counting fetches before it looks for a cheaper one, and
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

// headSubstitutes remembers that the server keeps connections open behind HEAD, which then may
// stand in for GET.
func (r *run) headSubstitutes(re reply) {
	if r.spec.Target.Method == "GET" && re.status < 400 {
		r.headSubstitute.Store(true)
	}
}

func (r *run) expensive() bool { return r.page.Load() > cheapPage }

// askCheaply asks on the control connection: for HEAD instead of a large page, or where HEAD
// does not serve, for the page, of which only the header is read; whole is false then, and the
// connection cannot be used again.
func (r *run) askCheaply(ctx context.Context, l *connection) (re reply, whole bool, err error) {
	method := r.spec.Target.Method
	if !r.expensive() {
		re, err = r.ask(ctx, l, true)
		return re, true, err
	}
	if err := ctx.Err(); err != nil {
		return reply{}, true, err
	}
	whole = r.headSubstitute.Load()
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

// cheaper reports whether counting goes on with HEAD, after so many replies and bytes.
func (r *run) cheaper(replies int, size int64) bool {
	return replies >= wholeReplies && size >= wholeBytes && r.expensive() && r.headSubstitute.Load()
}
