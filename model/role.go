package model

// A Role says what a parameter does in the arithmetic. Two parameters of one
// face may share a role: then each of them counts (Internet Explorer has two
// idle limits).
type Role string

// The roles. An HTTP role belongs to a face of a product, a TCP role either to
// a face (socket options) or to an operating system (their defaults).
const (
	RoleReuse        Role = "reuse"        // switch: keep connections between requests at all
	RoleIdle         Role = "idle"         // span: how long an idle connection is kept
	RoleIdleExtra    Role = "idle-extra"   // span: added to the idle limit before the close
	RoleHint         Role = "hint"         // span: Keep-Alive: timeout= that is advertised
	RoleHintReading  Role = "hint-reading" // switch: whether a received hint is honoured
	RoleRequests     Role = "requests"     // count: requests answered on one connection
	RoleAge          Role = "age"          // span: greatest age of a connection
	RolePool         Role = "pool"         // count: idle connections kept; off means none
	RoleFirstByte    Role = "first-byte"   // span: wait for the first request of a connection
	RoleHeader       Role = "header"       // span: wait for a request's header to be whole
	RoleResponse     Role = "response"     // span: wait for the peer's answer or request body
	RoleSend         Role = "send"         // span: wait for the peer to accept bytes
	RoleProtocol     Role = "protocol"     // switch: HTTP/1.1 (off: HTTP/1.0)
	RoleRetry        Role = "retry"        // switch: send a request again whose connection was closed under it
	RoleKeepAlive    Role = "so-keepalive" // switch: SO_KEEPALIVE
	RoleProbeIdle    Role = "probe-idle"   // span: idle time before the first TCP probe
	RoleProbeEvery   Role = "probe-every"  // span: time between unanswered TCP probes
	RoleProbeCount   Role = "probe-count"  // count: unanswered TCP probes before the abort
	RolePingEvery    Role = "ping-every"   // span: silence before the application itself asks for a sign of life
	RoleWorkers      Role = "workers"      // count: processes or threads that serve
	RolePins         Role = "pins-worker"  // switch: an idle connection occupies one of them
	RolePingWait     Role = "ping-wait"    // span: how long such a question may stay unanswered
	RolePingCount    Role = "ping-count"   // count: such questions without an answer before the close
	RolePingIdle     Role = "ping-idle"    // switch: it asks while nothing is open on the connection, too
	RolePingLeast    Role = "ping-least"   // span: the shortest time between the peer's questions that is suffered
	RolePingPermit   Role = "ping-permit"  // switch: such questions are suffered while nothing is open
	RoleUserTimeout  Role = "user-timeout" // span: TCP_USER_TIMEOUT
	RoleDataRetries  Role = "data-retries" // count: tcp_retries2, TcpMaxDataRetransmissions
	RoleRTOMin       Role = "rto-min"      // span: floor of the retransmission timeout
	RoleRTOMax       Role = "rto-max"      // span: ceiling of the retransmission timeout
	RoleProbeAbort   Role = "probe-abort"  // span: how long unanswered TCP probes go on, where they are not counted
	RoleDataAbort    Role = "data-abort"   // span: how long data may stay unacknowledged, where retransmissions are not counted
	RoleOrphans      Role = "orphan-retries"
	RoleSynRetries   Role = "syn-retries"
	RoleSynLinear    Role = "syn-linear"
	RoleTailLoss     Role = "tail-loss-probe" // switch or count: tcp_early_retrans
	RoleThinLinear   Role = "thin-linear"     // switch: linear timeouts of thin streams
	RoleMultipath    Role = "mptcp"           // switch: the socket speaks Multipath TCP where the peer does
	RoleInformation  Role = "information"     // shown and explained, no part of the arithmetic
	RoleMiddleboxTTL Role = "middlebox-idle"  // span: how long a middlebox remembers an idle flow
)

// Shape is the kind of value a role takes.
type Shape uint8

// The shapes.
const (
	ShapeSpan Shape = iota
	ShapeCount
	ShapeSwitch
	ShapeRate
)

var roleShapes = map[Role]Shape{
	RoleReuse: ShapeSwitch, RoleIdle: ShapeSpan, RoleIdleExtra: ShapeSpan, RoleHint: ShapeSpan,
	RoleHintReading: ShapeSwitch, RoleRequests: ShapeCount, RoleAge: ShapeSpan, RolePool: ShapeCount,
	RoleFirstByte: ShapeSpan, RoleHeader: ShapeSpan, RoleResponse: ShapeSpan, RoleSend: ShapeSpan,
	RoleProtocol: ShapeSwitch, RoleKeepAlive: ShapeSwitch, RoleProbeIdle: ShapeSpan,
	RoleProbeEvery: ShapeSpan, RoleProbeCount: ShapeCount, RoleUserTimeout: ShapeSpan,
	RoleDataRetries: ShapeCount, RoleRTOMin: ShapeSpan, RoleRTOMax: ShapeSpan, RoleProbeAbort: ShapeSpan, RoleDataAbort: ShapeSpan,
	RoleOrphans: ShapeCount, RoleSynRetries: ShapeCount, RoleSynLinear: ShapeCount,
	RoleTailLoss: ShapeSwitch, RoleThinLinear: ShapeSwitch, RoleInformation: ShapeSpan,
	RoleMiddleboxTTL: ShapeSpan, RolePingEvery: ShapeSpan, RolePingCount: ShapeCount, RolePingWait: ShapeSpan,
	RoleMultipath: ShapeSwitch, RolePingIdle: ShapeSwitch, RolePingLeast: ShapeSpan, RolePingPermit: ShapeSwitch,
	RoleWorkers: ShapeCount, RolePins: ShapeSwitch, RoleRetry: ShapeSwitch,
}

// Known reports whether r is one of the roles.
func (r Role) Known() bool { _, ok := roleShapes[r]; return ok }

// Shape is the kind of value that a parameter of this role takes, unless the
// parameter's unit says otherwise.
func (r Role) Shape() Shape { return roleShapes[r] }

// TCP reports whether the role belongs to TCP rather than to HTTP.
func (r Role) TCP() bool {
	switch r {
	case RoleKeepAlive, RoleProbeIdle, RoleProbeEvery, RoleProbeCount, RoleUserTimeout, RoleDataRetries,
		RoleRTOMin, RoleRTOMax, RoleOrphans, RoleSynRetries, RoleSynLinear, RoleTailLoss, RoleThinLinear,
		RoleMultipath, RoleProbeAbort, RoleDataAbort:
		return true
	default:
		return false
	}
}

// Title is the role in a few plain words, for a screen that shows parameters
// of different products under one heading.
func (r Role) Title() string { return roleTitles[r] }

var roleTitles = map[Role]string{
	RoleReuse: "keep-alive", RoleIdle: "idle timeout", RoleIdleExtra: "added before closing",
	RoleHint: "advertised timeout", RoleHintReading: "honours the hint", RoleRequests: "requests per connection",
	RoleAge: "connection age", RolePool: "idle connections kept", RoleFirstByte: "wait for a first request",
	RoleHeader: "header timeout", RoleResponse: "response timeout", RoleSend: "send timeout",
	RoleProtocol: "HTTP/1.1", RoleKeepAlive: "TCP keep-alive", RoleProbeIdle: "first probe after",
	RoleProbeEvery: "then every", RoleProbeCount: "give up after", RoleUserTimeout: "give up sending after",
	RoleDataRetries: "times data is resent", RoleRTOMin: "resend not before", RoleRTOMax: "resend at least every",
	RoleProbeAbort: "probes go on for", RoleDataAbort: "data is resent for",
	RoleOrphans: "resends after closing", RoleSynRetries: "more tries to connect", RoleSynLinear: "of them evenly spaced",
	RoleTailLoss: "last data resent early", RoleThinLinear: "evenly spaced resends", RoleInformation: "",
	RoleMiddleboxTTL: "idle timeout", RolePingEvery: "sign of life after", RolePingCount: "give up after", RolePingWait: "wait for an answer",
	RoleMultipath: "Multipath TCP", RoleRetry: "repeats requests",
	RolePingIdle: "asks when idle, too", RolePingLeast: "fewest seconds between", RolePingPermit: "suffers it when idle",
	RoleWorkers: "workers", RolePins: "idle ones pin a worker",
}
