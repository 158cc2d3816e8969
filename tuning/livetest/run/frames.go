package run

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/http2/hpack"
)

// HTTP/2 frames, as far as a client needs them that makes one request (RFC 9113 section 4
// and 6). The framer of golang.org/x/net/http2 would bring the whole of net/http along.

// A frameType is what a frame is.
type frameType uint8

const (
	frameData         frameType = 0
	frameHeaders      frameType = 1
	frameReset        frameType = 3
	frameSettings     frameType = 4
	framePing         frameType = 6
	frameGoAway       frameType = 7
	frameWindowUpdate frameType = 8
	frameContinuation frameType = 9
)

// Flags of frames.
const (
	flagAck        = 0x1 // SETTINGS, PING
	flagEndStream  = 0x1 // DATA, HEADERS
	flagEndHeaders = 0x4
	flagPadded     = 0x8
	flagPriority   = 0x20
)

// Identifiers of settings (RFC 9113 section 6.5.2).
const (
	settingHeaderTable   = 1
	settingEnablePush    = 2
	settingMaxStreams    = 3
	settingInitialWindow = 4
	settingMaxFrame      = 5
)

const (
	http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	// maxFrameSize is the default of RFC 9113 section 6.5.2, which we do not raise.
	maxFrameSize = 16 << 10
	// maxHeaderBlock bounds the headers of a reply, over all their frames and unpacked.
	maxHeaderBlock = 64 << 10
	frameHead      = 9
)

// A frame is one frame as it was read; the payload is valid until the next one.
type frame struct {
	kind    frameType
	flags   uint8
	stream  uint32
	payload []byte
}

// A framer reads and writes frames.
type framer struct {
	in  io.Reader
	out io.Writer
	buf []byte
}

// read reads one frame. An io.EOF means that the connection ended between two frames.
func (f *framer) read() (frame, error) {
	var head [frameHead]byte
	if _, err := io.ReadFull(f.in, head[:]); err != nil {
		return frame{}, err
	}
	size := int(head[0])<<16 | int(head[1])<<8 | int(head[2])
	if size > maxFrameSize {
		return frame{}, replyError("the server sends an HTTP/2 frame larger than it may")
	}
	if cap(f.buf) < size {
		f.buf = make([]byte, maxFrameSize)
	}
	payload := f.buf[:size]
	if _, err := io.ReadFull(f.in, payload); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return frame{}, err
	}
	return frame{frameType(head[3]), head[4], binary.BigEndian.Uint32(head[5:]) & 0x7fffffff, payload}, nil
}

func (f *framer) write(kind frameType, flags uint8, stream uint32, payload []byte) error {
	b := make([]byte, 0, frameHead+len(payload))
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload))<<8|uint32(kind)) //nolint:gosec // a request's headers are small
	b = append(b, flags)
	b = binary.BigEndian.AppendUint32(b, stream)
	_, err := f.out.Write(append(b, payload...))
	return err
}

// writeSettings sends settings; none at all with the acknowledgement flag.
func (f *framer) writeSettings(flags uint8, settings map[uint16]uint32) error {
	var payload []byte
	for id, value := range settings {
		payload = binary.BigEndian.AppendUint16(payload, id)
		payload = binary.BigEndian.AppendUint32(payload, value)
	}
	return f.write(frameSettings, flags, 0, payload)
}

// grant gives back the window that data took, of the connection and of the stream.
func (f *framer) grant(stream uint32, n int) error {
	size := binary.BigEndian.AppendUint32(nil, uint32(n)) //nolint:gosec // at most maxFrameSize
	return errors.Join(f.write(frameWindowUpdate, 0, 0, size), f.write(frameWindowUpdate, 0, stream, size))
}

// settings are the values of a SETTINGS frame.
func (f frame) settings() map[uint16]uint32 {
	found := map[uint16]uint32{}
	for p := f.payload; len(p) >= 6; p = p[6:] {
		found[binary.BigEndian.Uint16(p)] = binary.BigEndian.Uint32(p[2:])
	}
	return found
}

// unpadded is the payload of DATA or HEADERS without padding and priority.
func (f frame) unpadded() ([]byte, error) {
	p, pad := f.payload, 0
	if f.flags&flagPadded != 0 && len(p) > 0 {
		pad, p = int(p[0]), p[1:]
	}
	if f.kind == frameHeaders && f.flags&flagPriority != 0 {
		if len(p) < 5 {
			return nil, errBadFrame
		}
		p = p[5:]
	}
	if pad > len(p) {
		return nil, errBadFrame
	}
	return p[:len(p)-pad], nil
}

const errBadFrame = replyError("the server sends a broken HTTP/2 frame")

// errorCodes are the names of RFC 9113 section 7.
var errorCodes = []string{
	"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
	"FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
	"INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
}

func errorCode(n uint32) string {
	if int64(n) < int64(len(errorCodes)) {
		return errorCodes[n]
	}
	return fmt.Sprintf("error %#x", n)
}

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
