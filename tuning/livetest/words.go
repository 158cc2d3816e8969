package livetest

import (
	"time"

	"example.com/keeptune/model"
)

// endWords say how a connection ended that was watched.
var endWords = map[CloseKind]string{
	CloseFIN: "closed with a FIN", CloseRST: "reset", CloseRSTOnSend: "reset on the next packet",
	CloseSilent: "gone without a word", Close408: "closed after bytes nobody asked for (408)", CloseGoAway: "closed with GOAWAY",
	CloseNone: "still open",
}

// Ended says how a connection ended that was watched.
func (k CloseKind) Ended() string { return endWords[k] }

// Short is a time to three digits or so.
func Short(d time.Duration) string { return model.HumanSpan(d.Round(time.Microsecond)) }
