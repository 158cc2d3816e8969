package run

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// HTTP/2, as far as a client needs it that makes one request (RFC 9113).

const (
	// maxFrameSize is the default of RFC 9113 section 6.5.2, which we do not raise.
	maxFrameSize = 16 << 10
	// maxHeaderBlock bounds the headers of a reply, over all their frames and unpacked.
	maxHeaderBlock = 64 << 10
)

// newFramer reads and writes frames, none larger than we allow.
func newFramer(out io.Writer, in io.Reader) *http2.Framer {
	f := http2.NewFramer(out, in)
	f.SetMaxReadFrameSize(maxFrameSize)
	f.SetReuseFrames()
	return f
}

// frameError makes a sentence of what is wrong with a frame; what is wrong with the connection
// stays as it is.
func frameError(err error) error {
	var connection http2.ConnectionError
	var stream http2.StreamError
	switch {
	case errors.Is(err, http2.ErrFrameTooLarge):
		return replyError("the server sends an HTTP/2 frame larger than it may")
	case errors.As(err, &connection), errors.As(err, &stream):
		return errBadFrame
	}
	return err
}

// grant gives back the window that data took, of the connection and of the stream.
func grant(f *http2.Framer, stream, n uint32) error {
	return errors.Join(f.WriteWindowUpdate(0, n), f.WriteWindowUpdate(stream, n))
}

const errBadFrame = replyError("the server sends a broken HTTP/2 frame")

// statusOf unpacks a header block and is its status, 0 where it has none.
func statusOf(d *hpack.Decoder, block []byte) (status int, err error) {
	size := 0
	d.SetEmitFunc(func(h hpack.HeaderField) {
		if size += len(h.Name) + len(h.Value); size <= maxHeaderBlock && h.Name == ":status" && len(h.Value) == 3 {
			_, _ = fmt.Sscan(h.Value, &status)
		}
	})
	if _, err := d.Write(block); err != nil {
		return 0, errBadFrame
	}
	if err := d.Close(); err != nil {
		return 0, errBadFrame
	}
	if size > maxHeaderBlock {
		return 0, replyError("the server sends HTTP/2 headers without end")
	}
	return status, nil
}

// packed is a header block, names in lower case as HTTP/2 wants them.
func packed(fields [][2]string) []byte {
	var block strings.Builder
	enc := hpack.NewEncoder(&block)
	for _, f := range fields {
		_ = enc.WriteField(hpack.HeaderField{Name: strings.ToLower(f[0]), Value: f[1]})
	}
	return []byte(block.String())
}
