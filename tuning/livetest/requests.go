package livetest

import "fmt"

// MeasureRequests counts requests per connection.
const (
	MeasureRequests Measurement = "requests"
	RoleRequests                = Role(MeasureRequests)
)

// Requests is how many requests one connection is given.
type Requests struct {
	Limit         *int // nil: none found in Counted requests
	Counted       int
	LastSaysClose bool
	Honoured      bool // the server closed when it had said so
	Done          bool
}

type requestsQuestion struct{ *traits }

var requests = requestsQuestion{&traits{name: MeasureRequests, stage: short, usual: true}}

func (q requestsQuestion) answered(r Result) bool { return r.Requests != nil && r.Requests.Done }

func (q requestsQuestion) lines(r Result) []Line {
	if r.Requests == nil {
		return nil
	}
	return []Line{{"REQUESTS", r.Requests.Text()}}
}

func (q requestsQuestion) rows(r Result) []Row {
	row := Row{Name: "requests"}
	if h := r.HTTP.Asked; h != nil && h.Max != nil {
		row.Advertised = fmt.Sprintf("max=%d", *h.Max)
	}
	if n := r.Requests; n != nil {
		switch {
		case n.Limit != nil && n.LastSaysClose:
			row.Measured = fmt.Sprintf("%d, the last one says close", *n.Limit)
		case n.Limit != nil:
			row.Measured = fmt.Sprintf("%d, closed without a word", *n.Limit)
		case n.Done:
			row.Measured = fmt.Sprintf("no limit found in %d", n.Counted)
		default:
			row.Measured = fmt.Sprintf("%d so far", n.Counted)
		}
	}
	return []Row{row}
}

// Text says how many requests one connection is given.
func (q Requests) Text() string {
	if q.Limit == nil {
		return fmt.Sprintf("no limit found in %d", q.Counted)
	}
	if q.LastSaysClose {
		return fmt.Sprintf("%d on one connection, the last reply says Connection: close", *q.Limit)
	}
	return fmt.Sprintf("%d on one connection, the last reply does not say so", *q.Limit)
}

func (s *Summary) counted(e Event) {
	r := &Requests{Counted: e.Request, LastSaysClose: e.LastSaysClose, Honoured: e.Honoured, Done: e.Done}
	if e.Limit > 0 {
		r.Limit = &e.Limit
	}
	s.res.Requests = r
}
