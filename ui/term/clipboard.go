package term

import (
	"errors"
	"fmt"
	"io"

	"github.com/aymanbagabas/go-osc52/v2"
)

// ClipboardLimit is the longest sequence sent, in bytes: longer ones are
// dropped by terminals without a word (xterm and hterm take 100,000 bytes
// including the Base64 text, which is 74,994 bytes of text; others less).
const ClipboardLimit = 74994

// A Clipboard is how text gets into the user's clipboard from a machine that
// has none: by an OSC 52 sequence that the terminal obeys or not. There is no
// answer, so success is only "sent to terminal".
type Clipboard struct {
	mode osc52.Mode
	off  bool
}

// ParseClipboard reads KEEPTUNE_CLIPBOARD and KEEPTUNE_CLIPBOARD_WRAP.
//
// The first is auto, native, osc52 or off; a server has no native clipboard,
// so that the first three are the same. The second says how the sequence is
// wrapped: none (the default, also right inside tmux with set-clipboard on),
// tmux (DCS passthrough) or screen.
func ParseClipboard(mode, wrap string) (Clipboard, error) {
	var c Clipboard
	switch mode {
	case "", "auto", "native", "osc52":
	case "off":
		c.off = true
	default:
		return c, fmt.Errorf("KEEPTUNE_CLIPBOARD=%q: use auto, native, osc52 or off", mode)
	}
	switch wrap {
	case "", "none":
		c.mode = osc52.DefaultMode
	case "tmux":
		c.mode = osc52.TmuxMode
	case "screen":
		c.mode = osc52.ScreenMode
	default:
		return c, fmt.Errorf("KEEPTUNE_CLIPBOARD_WRAP=%q: use none, tmux or screen", wrap)
	}
	return c, nil
}

// ErrClipboardOff is returned when the user switched copying off.
var ErrClipboardOff = errors.New("copying is off (KEEPTUNE_CLIPBOARD=off): write a file instead")

// Sequence returns what to send for the text. The error is one sentence for
// the user.
func (c Clipboard) Sequence(text string) (string, error) {
	if c.off {
		return "", ErrClipboardOff
	}
	if len(text) > ClipboardLimit {
		return "", fmt.Errorf("%d bytes are too many for the terminal's clipboard (at most %d): write a file instead", len(text), ClipboardLimit)
	}
	return osc52.New(text).Mode(c.mode).String(), nil
}

// Copy sends the text to the terminal in one write, so that nothing is drawn
// in the middle of it.
func (c Clipboard) Copy(w io.Writer, text string) error {
	seq, err := c.Sequence(text)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, seq); err != nil {
		return fmt.Errorf("cannot send to the terminal: %w", err)
	}
	return nil
}
