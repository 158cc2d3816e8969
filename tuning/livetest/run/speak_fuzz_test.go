package run

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// A deaf connection takes what is written, and says nothing.
type deaf struct{ net.Conn }

// Write is net.Conn's.
func (deaf) Write(b []byte) (int, error) { return len(b), nil }

// Whatever a server says in any of the protocols, reading it ends and explains itself.
func FuzzSpeeches(f *testing.F) {
	for _, s := range []string{
		"+PONG\r\n-NOAUTH\r\n", "VERSION 1.6\r\n", "INFO {}\r\nPONG\r\n", "SSH-2.0-x\r\n\x00", "HTTP/1.1 101 \r\n\r\n\x81\x030{}\x81\x0240\x88\x00\x8a\x00",
		"\x05\x00\x00\x00\x0a11.\x00", "\x05\x00\x00\x00\xff\x69\x04no", "R\x00\x00\x00\x08\x00\x00\x00\x05", "E\x00\x00\x00\x04", "\x20\x02\x00\x00\xd0\x00",
		"\x01\x00\x00\x00\x00\x00\x04\x00\x0a\x00\x1e\xce", "\x01\x00\x00\x00\x00\x00\x06\x00\x0a\x00\x32\x01\x93\xce", "\x30\x84\x00\x00\x00\x01x",
		"\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00\x00\x00\x08\x06\x00\x00\x00\x00\x0012345678",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for scheme, s := range speeches {
			in := strings.NewReader(text)
			l := &connection{conn: deaf{}, buf: bufio.NewReaderSize(in, readBuffer)}
			target := livetest.Target{Scheme: scheme, User: "u", Password: "p", Path: "/?" + engineIO + "4"}
			err := s.begin(l, target)
			if err == nil && s.again != nil {
				err = s.again(l)
			}
			if l.heard != nil {
				rest, _ := io.ReadAll(l.buf)
				l.heard(rest)
			}
			var foreign replyError
			if errors.As(err, &foreign) && foreign.Error() != model.Clean(foreign.Error(), 300) {
				t.Errorf("%s: the sentence %q is not clean", scheme, foreign)
			}
		}
	})
}

// A frame that is longer than any answer is passed over whole, whatever stands in it.
func TestALongFrameIsPassedOver(t *testing.T) {
	t.Parallel()
	const size = maxSaid + 2
	text := "\x82\x7f\x00\x00\x00\x00" + string(binary.BigEndian.AppendUint32(nil, size)) + strings.Repeat("\x88\x00", size/2) + "\x88\x00"
	for _, piece := range []int{7, len(text)} {
		taken := 0
		take := frames(webSocketWhole, func([]byte) { taken++ })
		for part := range slices.Chunk([]byte(text), piece) {
			take(part)
		}
		if taken != 1 {
			t.Errorf("in pieces of %d bytes: %d frames behind it, want 1", piece, taken)
		}
	}
}
