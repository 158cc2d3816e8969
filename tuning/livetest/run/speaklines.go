package run

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"example.com/keeptune/tuning/livetest"
)

// Protocols of lines: Redis, memcached, NATS, the beginning of SSH, and WebSocket.

func beginRedis(l *connection, t livetest.Target) error {
	if t.Password != "" {
		words := []string{"AUTH", t.Password}
		if t.User != "" {
			words = []string{"AUTH", t.User, t.Password}
		}
		said, err := redisCommand(l, words...)
		if err != nil {
			return err
		}
		if strings.HasPrefix(said, "-") {
			return refusal(said[1:])
		}
	}
	return pingRedis(l)
}

// pingRedis takes an error for an answer, too: a client that may do nothing is as idle.
func pingRedis(l *connection) error {
	_, err := redisCommand(l, "PING")
	return err
}

// redisCommand is the first line of the answer.
func redisCommand(l *connection, words ...string) (string, error) {
	out := fmt.Appendf(nil, "*%d\r\n", len(words))
	for _, w := range words {
		out = fmt.Appendf(out, "$%d\r\n%s\r\n", len(w), w)
	}
	l.send(out)
	said, err := l.line()
	if err == nil && (said == "" || !strings.ContainsRune("+-", rune(said[0]))) {
		return "", errOdd("Redis")
	}
	return said, err
}

func versionOf(l *connection) error {
	l.send([]byte("version\r\n"))
	said, err := l.line()
	if err == nil && !strings.HasPrefix(said, "VERSION ") && !strings.Contains(said, "ERROR") {
		return errOdd("memcached")
	}
	return err
}

func connectNATS(l *connection, t livetest.Target) error {
	said, err := l.line()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(said, "INFO ") {
		return errOdd("NATS")
	}
	hello := map[string]any{"verbose": false, "pedantic": false, "lang": "go", "version": "0", "protocol": 1, "name": livetest.UserAgent}
	if t.User != "" {
		hello["user"], hello["pass"] = t.User, t.Password
	}
	text, err := json.Marshal(hello)
	if err != nil {
		return err
	}
	l.send([]byte("CONNECT " + string(text) + "\r\n"))
	return pingNATS(l)
}

func pingNATS(l *connection) error {
	l.send([]byte("PING\r\n"))
	for range 100 {
		said, err := l.line()
		switch {
		case err != nil:
			return err
		case said == "PONG":
			return nil
		case said == "PING":
			l.send([]byte("PONG\r\n"))
		case strings.HasPrefix(said, "-ERR"):
			return refusal(strings.Trim(said[len("-ERR"):], " '"))
		case strings.HasPrefix(said, "INFO "), strings.HasPrefix(said, "+OK"):
		default:
			return errOdd("NATS")
		}
	}
	return errOdd("NATS")
}

// greetSSH exchanges the versions (RFC 4253 section 4.2); lines may come before the server's.
func greetSSH(l *connection, _ livetest.Target) error {
	for range 20 {
		said, err := l.line()
		if err != nil {
			return err
		}
		if strings.HasPrefix(said, "SSH-") {
			l.send([]byte("SSH-2.0-keeptune\r\n"))
			_, err = l.take(1) // its first packet, with the algorithms it knows
			return err
		}
	}
	return errOdd("SSH")
}

// engineIO is what the path of a Socket.IO server holds beside the transport.
const engineIO = "EIO="

// The kinds of WebSocket frames (RFC 6455 section 5.2).
const (
	frameText  = 1
	frameClose = 8
	framePing  = 9
	framePong  = 10
)

// upgrade opens a WebSocket (RFC 6455 section 4.1), and joins where it belongs to Socket.IO.
func upgrade(l *connection, t livetest.Target) error {
	out := []byte("GET " + t.Path + " HTTP/1.1\r\nHost: " + t.Authority() + "\r\nUser-Agent: " + livetest.UserAgent +
		"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: a2VlcHR1bmUga2VlcHR1bg==\r\n")
	for _, h := range t.Headers {
		out = fmt.Appendf(out, "%s: %s\r\n", h.Name, h.Value)
	}
	l.send(append(out, "\r\n"...))
	said, err := l.line()
	if err != nil {
		return err
	}
	words := strings.SplitN(said, " ", 3)
	if len(words) < 2 || !strings.HasPrefix(words[0], "HTTP/1.") {
		return errOdd("HTTP")
	}
	if words[1] != fmt.Sprint(http.StatusSwitchingProtocols) {
		return refusal("it answers " + strings.Join(words[1:], " ") + " to the upgrade to WebSocket")
	}
	for range 100 {
		if said, err = l.line(); err != nil {
			return err
		}
		if said == "" {
			l.heard = frames(webSocketWhole, func(b []byte) { answerClose(l, b) })
			if strings.Contains(t.Path, engineIO) {
				return joinSocketIO(l)
			}
			return nil
		}
	}
	return replyError("the server sends headers without end")
}

// joinSocketIO waits for the transport's opening, joins the main namespace and waits for the
// answer (https://socket.io/docs/v4/socket-io-protocol/).
func joinSocketIO(l *connection) error {
	if _, err := webSocketFrame(l, frameText); err != nil {
		return err
	}
	sendWebSocketFrame(l, frameText, "40")
	said, err := webSocketFrame(l, frameText)
	if err == nil && !strings.HasPrefix(said, "40") {
		return refusal(said)
	}
	return err
}

func pingWebSocket(l *connection) error {
	sendWebSocketFrame(l, framePing, "")
	_, err := webSocketFrame(l, framePong)
	return err
}

// sendWebSocketFrame masks with zeros, which every server takes.
func sendWebSocketFrame(l *connection, kind byte, text string) {
	l.send(append([]byte{0x80 | kind, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...)) //nolint:gosec // of a few bytes
}

// webSocketFrame is the content of the next frame of a kind.
func webSocketFrame(l *connection, kind byte) (string, error) {
	for range 100 {
		head, err := l.take(2)
		if err != nil {
			return "", err
		}
		size, err := webSocketSize(l.buf, head[1]&0x7f)
		if err != nil {
			return "", err
		}
		content, err := l.take(size)
		switch got := head[0] & 0x0f; {
		case err != nil:
			return "", err
		case got == kind:
			return string(content), nil
		case got == frameClose:
			return "", refusal("it closes the WebSocket")
		}
	}
	return "", errOdd("WebSocket")
}

// webSocketSize reads a length of more than 125 bytes.
func webSocketSize(in *bufio.Reader, short byte) (int, error) {
	var long uint64
	var medium uint16
	switch short {
	case 126:
		err := binary.Read(in, binary.BigEndian, &medium)
		return int(medium), err
	case 127:
		err := binary.Read(in, binary.BigEndian, &long)
		return int(min(long, maxSaid+1)), err
	}
	return int(short), nil
}

// webSocketWhole is the length of the frame that begins b, 0 while its header is not whole. A
// server masks nothing.
func webSocketWhole(b []byte) int {
	switch {
	case len(b) < 2:
		return 0
	case b[1]&0x7f < 126:
		return 2 + int(b[1]&0x7f)
	case b[1]&0x7f == 126 && len(b) >= 4:
		return 4 + int(binary.BigEndian.Uint16(b[2:]))
	case b[1]&0x7f == 127 && len(b) >= 10:
		return 10 + int(min(binary.BigEndian.Uint64(b[2:]), 1<<30))
	}
	return 0
}

// answerClose answers a closing frame, as every client must: a server waits for that before
// it closes the connection.
func answerClose(l *connection, frame []byte) {
	if frame[0]&0x0f == frameClose {
		sendWebSocketFrame(l, frameClose, "")
	}
}
