package run

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"

	"example.com/keeptune/model"
)

// Whatever a server sends in HTTP/2, reading ends, keeps a bounded amount and explains itself.
func FuzzTakeFrames(f *testing.F) {
	for _, s := range []string{
		"", "\x00\x00\x00\x04\x00\x00\x00\x00\x00", "\x00\x00\x01\x01\x05\x00\x00\x00\x01\x88",
		"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64", "\x00\x00\x08\x06\x01\x00\x00\x00\x00keeptune",
		"\x00\x00\x0c\x07\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0b\x1b[2J",
		"\x00\x00\x02\x01\x08\x00\x00\x00\x01\x05\x88\x00\x00\x01\x09\x04\x00\x00\x00\x01\x88", "\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x01",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in := strings.NewReader(text)
		s := &session{connection: &connection{}, framer: newFramer(io.Discard, bufio.NewReader(in)), hpack: hpack.NewDecoder(4096, nil)}
		s.hpack.SetMaxStringLength(maxHeaderBlock)
		var err error
		for err == nil {
			err = s.take()
		}
		var foreign replyError
		if errors.As(err, &foreign) && foreign.Error() != model.Clean(foreign.Error(), 500) {
			t.Errorf("the sentence %q is not clean", foreign)
		}
		if s.goaway != model.Clean(s.goaway, 2*goAwayText+100) {
			t.Errorf("GOAWAY says %q", s.goaway)
		}
		if len(s.block) > maxHeaderBlock+maxFrameSize || s.frames > maxFrames+1 || s.status < 0 || s.status > 999 {
			t.Errorf("kept %d bytes of headers after %d frames, status %d", len(s.block), s.frames, s.status)
		}
	})
}
