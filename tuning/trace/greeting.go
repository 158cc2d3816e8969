package trace

import "example.com/keeptune/tuning/capture"

// Types of TLS's records (RFC 8446, 5.1).
const (
	recordChange    = 20 // change_cipher_spec
	recordAlert     = 21
	recordHandshake = 22
	recordData      = 23 // application_data, and in TLS 1.3 whatever is encrypted
)

const (
	recordHead = 5 // bytes before what a record holds

	// In TLS 1.3 a client's Finished is a record of data with its head of 4 bytes, a hash of 32 or
	// 48, its type and a tag of 16 (RFC 8446, 4.4.4 and 5.2); an alert has 2 in the place of the
	// first two.
	finished256, finished384, alert13 = 4 + 32 + 1 + 16, 4 + 48 + 1 + 16, 2 + 1 + 16
	// In TLS 1.2 it is a record of a handshake after the change, shorter than any ClientHello.
	finished12 = 128
)

// greets takes data in that may belong to a handshake of TLS, and says whether it does: then
// nothing was asked yet. What the server sends before the first request does, its tickets
// included.
func (c *conn) greets(s *capture.Segment, x uint8) bool {
	if !c.is(handshake) {
		return false
	}
	e, peer := &c.ends[x], &c.ends[1-x]
	b := s.Payload
	if first := x != c.serves && e.bytes == uint64(s.Length) && e.messages+peer.messages == 0; first {
		switch {
		case len(b) <= min(recordHead, s.Length-1) && (len(b) == 0 || b[0] == recordHandshake):
			e.flags |= headless
		case len(b) > recordHead && b[0] == recordHandshake && b[1] == 3 && b[recordHead] == 1: // ClientHello
			c.flags |= greeting
		}
	}
	if !c.is(greeting) || x == c.serves {
		return c.is(greeting)
	}
	asks, at := false, int(e.left)
	for at < s.Length {
		if at+recordHead > len(b) || b[at+1] != 3 {
			asks = true // for all that is known
			break
		}
		length := int(b[at+3])<<8 | int(b[at+4])
		switch b[at] {
		case recordChange:
			e.flags |= changed
		case recordAlert:
		case recordHandshake:
			if e.is(changed) && length < finished12 {
				e.flags |= finished
			}
		case recordData:
			switch {
			case !e.is(finished) && peer.bytes > 0 && (length == finished256 || length == finished384):
				e.flags |= finished
				asks = false // what came before is the client's certificate
			case length != alert13:
				asks = true
			}
		default:
			asks = true
		}
		at += recordHead + length
	}
	if asks {
		c.flags &^= greeting
		return false
	}
	e.left = uint16(min(at-s.Length, 1<<16-1))
	return true
}

// greetings is how many turns of a client a handshake of TLS has at most: two, and one more where
// the server would have another first one (RFC 8446, 2.1).
const greetings = 3

// unclear says of a client whether all that it sent may have been a handshake of TLS.
func (e *end) unclear() bool { return e.is(headless) && e.messages <= greetings }
