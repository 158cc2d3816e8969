package run

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"net/url"
	"os"
	"strconv"
	"strings"

	"golang.org/x/net/http2"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// Protocols of binary packets: AMQP, MQTT, LDAP, and gRPC's HTTP/2.

// wanted is a number of seconds that a target asks for behind its path, as ?heartbeat=10.
func wanted(t livetest.Target, name string, usual uint16) (uint16, error) {
	_, query, _ := strings.Cut(t.Path, "?")
	values, _ := url.ParseQuery(query) // what can be read of it
	text := values.Get(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, replyError(fmt.Sprintf("%s=%s in the target is out of range: give 0 to %d seconds", name, model.Clean(text, 20), math.MaxUint16))
	}
	return uint16(n), nil
}

// Methods of AMQP 0-9-1's class connection (https://www.rabbitmq.com/amqp-0-9-1-reference).
const (
	amqpStart, amqpStartOK = 10, 11
	amqpTune, amqpTuneOK   = 30, 31
	amqpOpen, amqpOpenOK   = 40, 41
	amqpClose              = 50
)

// amqpMethod reads the next method of the connection; heartbeats are passed over.
func amqpMethod(l *connection) (method uint16, arguments parser, err error) {
	for range 100 {
		head, err := l.take(7)
		if err != nil {
			return 0, parser{}, err
		}
		if string(head[:4]) == "AMQP" {
			return 0, parser{}, refusal("it speaks another version of AMQP")
		}
		size := binary.BigEndian.Uint32(head[3:])
		b, err := l.take(int(min(size, maxSaid)) + 1)
		switch {
		case err != nil:
			return 0, parser{}, err
		case b[len(b)-1] != 0xce:
			return 0, parser{}, errOdd("AMQP")
		case head[0] != 1:
			continue
		}
		p := parser{b: b[:len(b)-1]}
		class, method := p.uint16(), p.uint16()
		if class != 10 || p.bad {
			return 0, p, errOdd("AMQP")
		}
		return method, p, nil
	}
	return 0, parser{}, errOdd("AMQP")
}

func sendAMQP(l *connection, method uint16, arguments []byte) {
	out := binary.BigEndian.AppendUint32([]byte{1, 0, 0}, uint32(len(arguments)+4)) //nolint:gosec // of a few bytes
	out = binary.BigEndian.AppendUint16(append(out, 0, 10), method)
	l.send(append(append(out, arguments...), 0xce))
}

// short is AMQP's short string.
func short(text string) []byte { return append([]byte{byte(len(text))}, text...) } //nolint:gosec // of a few bytes

// amqpTable tells that we want to hear why a login is refused.
func amqpTable() []byte {
	sized := func(b []byte) []byte { return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...) } //nolint:gosec // of a few bytes
	inner := append(short("authentication_failure_close"), 't', 1)
	return sized(append(append(short("capabilities"), 'F'), sized(inner)...))
}

// beginAMQP logs in, takes the heartbeat that is offered unless the target names another, and
// opens the virtual host "/".
func beginAMQP(l *connection, t livetest.Target) error {
	l.send([]byte("AMQP\x00\x00\x09\x01"))
	for range 10 {
		method, p, err := amqpMethod(l)
		if err != nil {
			return err
		}
		switch method {
		case amqpStart:
			login := "\x00" + cmp.Or(t.User, "guest") + "\x00" + cmp.Or(t.Password, "guest")
			out := append(amqpTable(), short("PLAIN")...)
			out = append(binary.BigEndian.AppendUint32(out, uint32(len(login))), login...) //nolint:gosec // of a few bytes
			sendAMQP(l, amqpStartOK, append(out, short("en_US")...))
		case amqpTune:
			limits := p.bytes(6)
			heartbeat, err := wanted(t, "heartbeat", p.uint16())
			if err != nil {
				return err
			}
			sendAMQP(l, amqpTuneOK, binary.BigEndian.AppendUint16(bytes.Clone(limits), heartbeat))
			sendAMQP(l, amqpOpen, append(short("/"), 0, 0))
		case amqpOpenOK:
			return nil
		case amqpClose:
			p.uint16()
			return refusal(string(p.bytes(int(p.byte()))))
		default:
			return errOdd("AMQP")
		}
	}
	return errOdd("AMQP")
}

// usualMQTT is the keep-alive in seconds that is named unless the target says otherwise, as
// most clients do.
const usualMQTT = 60

// connectMQTT is MQTT 3.1.1 with a session that is not kept.
func connectMQTT(l *connection, t livetest.Target) error {
	keepAlive, err := wanted(t, "keepalive", usualMQTT)
	if err != nil {
		return err
	}
	flags, fields := byte(2), []string{fmt.Sprintf("keeptune-%d-%d", os.Getpid(), l.id)}
	if t.User != "" {
		flags, fields = flags|0x80, append(fields, t.User)
	}
	if t.User != "" && t.Password != "" {
		flags, fields = flags|0x40, append(fields, t.Password)
	}
	out := binary.BigEndian.AppendUint16(append([]byte("\x00\x04MQTT\x04"), flags), keepAlive)
	for _, f := range fields {
		out = append(binary.BigEndian.AppendUint16(out, uint16(len(f))), f...) //nolint:gosec // of a few bytes
	}
	if len(out) > 127 {
		return replyError("user and password are too long: give a shorter user")
	}
	l.send(append([]byte{0x10, byte(len(out))}, out...)) //nolint:gosec // of at most 127 bytes
	b, err := l.take(4)
	switch {
	case err != nil:
		return err
	case b[0] != 0x20:
		return errOdd("MQTT")
	case b[3] != 0:
		return refusal(fmt.Sprintf("code %d to CONNECT", b[3]))
	}
	return nil
}

func pingMQTT(l *connection) error {
	l.send([]byte{0xc0, 0})
	b, err := l.take(2)
	if err == nil && b[0] != 0xd0 {
		return errOdd("MQTT")
	}
	return err
}

// bindLDAP binds as a user, or as nobody (RFC 4511 section 4.2). A refusal is an answer, too.
func bindLDAP(l *connection, t livetest.Target) error {
	element := func(tag byte, b []byte) []byte { return append([]byte{tag, byte(len(b))}, b...) } //nolint:gosec // looked at below
	bind := append([]byte{2, 1, 3}, element(4, []byte(t.User))...)
	bind = append(bind, element(0x80, []byte(t.Password))...)
	if len(t.User)+len(t.Password) > 100 {
		return replyError("user and password are too long: give a shorter user")
	}
	l.send(element(0x30, append([]byte{2, 1, 1}, element(0x60, bind)...)))
	head, err := l.take(2)
	switch {
	case err != nil:
		return err
	case head[0] != 0x30:
		return errOdd("LDAP")
	}
	size := int(head[1])
	if size > 0x80 {
		more, err := l.take(size & 0x7f)
		if err != nil {
			return err
		}
		size = 0
		for _, c := range more {
			size = min(size<<8|int(c), maxSaid+1)
		}
	}
	_, err = l.take(size)
	return err
}

// beginGRPC opens HTTP/2 without TLS and makes no call (RFC 9113 section 3.3).
func beginGRPC(l *connection, _ livetest.Target) error {
	f := newFramer(l.conn, l.buf)
	l.send([]byte(http2.ClientPreface))
	if err := f.WriteSettings(); err != nil {
		return err
	}
	settings, acknowledged := false, false
	for range 20 {
		frame, err := f.ReadFrame()
		if err != nil {
			return frameError(err)
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if acknowledged = acknowledged || frame.IsAck(); !frame.IsAck() {
				settings = true
				_ = f.WriteSettingsAck()
			}
		case *http2.GoAwayFrame:
			return refusal(frame.ErrCode.String())
		}
		if settings && acknowledged {
			l.heard = frames(http2Size, func(b []byte) { answerPing(l, b) })
			return nil
		}
	}
	return errOdd("HTTP/2")
}

// http2Size is the length of the frame that begins b, 0 while its header is not whole.
func http2Size(b []byte) int {
	if len(b) < 9 {
		return 0
	}
	return 9 + (int(b[0])<<16 | int(b[1])<<8 | int(b[2]))
}

// answerPing answers a PING, as every client must: a server that ends a connection waits for
// that.
func answerPing(l *connection, frame []byte) {
	if http2.FrameType(frame[3]) == http2.FramePing && frame[4]&byte(http2.FlagPingAck) == 0 && len(frame) == 17 {
		out := bytes.Clone(frame)
		out[4] |= byte(http2.FlagPingAck)
		l.send(out)
	}
}
