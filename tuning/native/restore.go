package native

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"example.com/keeptune/model"
)

const (
	// restoreMark begins each line of a restore string.
	restoreMark = "keeptune-session: "
	// restoreWidth is the characters on such a line. nginx refuses a comment of 4 KiB.
	restoreWidth = 56
	// restoreLimit is the longest restore string with notes in it, in characters.
	restoreLimit = 32 << 10
	// MaxSize is the longest file that is read, in bytes, and the longest session in a restore string.
	MaxSize = 4 << 20
)

// packing has no dash, so that it may stand in an XML comment.
var packing = base64.RawStdEncoding

// packSession is the restore string: the session file, compressed, in lines
// that fit into a comment of any syntax. Notes that would make it too long are
// left out.
func packSession(d model.Document) ([]string, error) {
	text, err := pack(d)
	if err != nil {
		return nil, err
	}
	var lines []string
	if len(text) > restoreLimit && d.Notes != "" {
		lines = append(lines, "(its notes are too long to be kept here; --to session keeps them)")
		d.Notes = ""
		if text, err = pack(d); err != nil {
			return nil, err
		}
	}
	for len(text) > 0 {
		n := min(restoreWidth, len(text))
		lines = append(lines, restoreMark+text[:n])
		text = text[n:]
	}
	return lines, nil
}

func pack(d model.Document) (string, error) {
	w := packers.Get().(*zlib.Writer) //nolint:forcetypeassert // nothing else is in the pool
	defer packers.Put(w)
	var b bytes.Buffer
	w.Reset(&b)
	if _, err := w.Write(model.EncodeDocument(d)); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return packing.EncodeToString(b.Bytes()), nil
}

// packers are compressors to be used again: a new one clears more than a
// megabyte, for a session of a few hundred bytes.
var packers = sync.Pool{New: func() any {
	w, err := zlib.NewWriterLevel(io.Discard, zlib.BestCompression)
	if err != nil {
		panic(err) // the level is none
	}
	return w
}}

// errCut is a restore string that is not whole.
var errCut = errors.New("the restore string is damaged")

// unpackSession reads the restore string out of a file's text. It is false
// where there is none; the error says that it cannot be read.
func unpackSession(file, text string, c *model.Catalog) (model.Document, bool, error) {
	packed, found := packedSession(text)
	if !found {
		return model.Document{}, false, nil
	}
	raw, err := packing.DecodeString(packed)
	if err != nil {
		return model.Document{}, true, errCut
	}
	r, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		return model.Document{}, true, errCut
	}
	plain, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return model.Document{}, true, errCut
	}
	if len(plain) > MaxSize {
		return model.Document{}, true, fmt.Errorf("the restore string holds more than %d bytes", MaxSize)
	}
	d, err := model.DecodeDocument(file+" (restore string)", plain, c)
	return d, true, err
}

// packedSession joins what stands behind the marks, and is false without one.
func packedSession(text string) (string, bool) {
	var b strings.Builder
	found := false
	for line := range strings.Lines(text) {
		_, rest, ok := strings.Cut(line, restoreMark)
		if !ok {
			continue
		}
		found = true
		rest = strings.TrimSpace(rest)
		end := strings.IndexFunc(rest, func(r rune) bool { return !packs(r) })
		if end >= 0 {
			rest = rest[:end]
		}
		b.WriteString(rest)
	}
	return b.String(), found
}

func packs(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '+' || r == '/'
}
