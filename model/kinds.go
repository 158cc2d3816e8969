package model

import "strings"

// A CloseKind is how a connection ends that was idle for too long.
type CloseKind string

// The kinds of close. Those of a middlebox alone are from CloseRSTBoth on.
const (
	CloseUnknown      CloseKind = "unknown"
	CloseFIN          CloseKind = "fin"
	CloseRST          CloseKind = "rst"
	CloseAtReuse      CloseKind = "at-reuse" // by a pool that only looks at it when it is asked for one: a FIN, at the next request
	CloseRSTBoth      CloseKind = "rst-both"
	CloseRSTOnSend    CloseKind = "rst-on-send"         // the next packet is answered with RST
	CloseRSTOnSendOne CloseKind = "rst-on-send-one-way" // that of one direction
	CloseRenewed      CloseKind = "renewed"             // the client's next packet makes the entry anew; what the server sends first is answered with RST
	CloseSilent       CloseKind = "silent"              // packets are dropped
)

// OnSend reports whether the next packet finds out, by a RST.
func (k CloseKind) OnSend() bool { return strings.HasPrefix(string(k), string(CloseRSTOnSend)) }

// Resets reports whether a RST ends the connection.
func (k CloseKind) Resets() bool { return strings.HasPrefix(string(k), string(CloseRST)) }

// Untold reports whether nothing is sent at the time of the close, or nobody knows it.
func (k CloseKind) Untold() bool { return k == CloseSilent || k == CloseUnknown || k.OnSend() }

// A HintMoment is when a server advertises Keep-Alive: timeout=.
type HintMoment string

// The moments of a hint.
const (
	HintNever   HintMoment = "never"
	HintAsked   HintMoment = "asked" // where the request carries Connection: keep-alive
	HintAlways  HintMoment = "always"
	HintUnknown HintMoment = "unknown"
)

// A HintUse is what a client makes of an advertised timeout.
type HintUse string

// The uses of a hint.
const (
	HintIgnored    HintUse = "ignored"
	HintShortens   HintUse = "shorten" // it bounds the client's own idle timeout
	HintReplaces   HintUse = "replace" // it takes the place of that
	HintUseUnknown HintUse = "unknown"
)

// An Answer is what is known of a yes or no question.
type Answer string

// The answers.
const (
	AnswerYes     Answer = "yes"
	AnswerNo      Answer = "no"
	AnswerUnknown Answer = "unknown"
)

// joined are words in a row, for a message.
func joined[T ~string](words []T) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(w))
	}
	return b.String()
}
