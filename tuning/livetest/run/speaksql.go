package run

import (
	"cmp"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // PostgreSQL's own login
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // MySQL's own login
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"example.com/keeptune/tuning/livetest"
)

// Capabilities of a MySQL client
// (https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html).
const (
	mysqlLongPassword     = 1
	mysqlProtocol41       = 1 << 9
	mysqlSecureConnection = 1 << 15
	mysqlPluginAuth       = 1 << 19

	mysqlPing = 0x0e
)

// mysqlPacket reads a packet, of a byte at least, and its number; one that says an error is one.
func mysqlPacket(l *connection) (b []byte, number byte, err error) {
	head, err := l.take(4)
	if err != nil {
		return nil, 0, err
	}
	b, err = l.take(int(head[0]) | int(head[1])<<8 | int(head[2])<<16)
	switch {
	case err != nil:
	case len(b) == 0:
		err = errOdd("MySQL")
	case b[0] == 0xff:
		err = mysqlRefusal(b)
	}
	return b, head[3], err
}

func sendMySQL(l *connection, number byte, b []byte) {
	n := len(b)
	l.send(append([]byte{byte(n), byte(n >> 8), byte(n >> 16), number}, b...)) //nolint:gosec // of a few bytes
}

// mysqlRefusal is the text of an error packet, behind its number and SQL state.
func mysqlRefusal(b []byte) error {
	text := string(b[min(3, len(b)):])
	if strings.HasPrefix(text, "#") && len(text) >= 6 {
		text = text[6:]
	}
	return refusal(text)
}

// loginMySQL logs in without TLS and without a database
// (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html).
func loginMySQL(l *connection, t livetest.Target) error {
	b, number, err := mysqlPacket(l)
	if err != nil {
		return err
	}
	p := parser{b: b}
	if version := p.byte(); version != 10 {
		return errOdd("MySQL")
	}
	p.text()   // the server's version
	p.bytes(4) // the connection's number
	salt := append([]byte{}, p.bytes(8)...)
	p.bytes(1 + 2 + 1 + 2 + 2)
	more := int(p.byte())
	p.bytes(10)
	salt = append(salt, p.bytes(max(13, more-8))[:12]...)
	plugin := p.text()
	if p.bad {
		return errOdd("MySQL")
	}
	proof := mysqlProof(plugin, t.Password, salt)
	out := binary.LittleEndian.AppendUint32(nil, mysqlLongPassword|mysqlProtocol41|mysqlSecureConnection|mysqlPluginAuth)
	out = binary.LittleEndian.AppendUint32(out, 1<<24-1)
	out = append(out, 45) // utf8mb4
	out = append(out, make([]byte, 23)...)
	out = append(append(out, t.User...), 0)
	out = append(append(out, byte(len(proof))), proof...) //nolint:gosec // of at most 32 bytes
	out = append(append(out, plugin...), 0)
	sendMySQL(l, number+1, out)
	for range 4 {
		if b, number, err = mysqlPacket(l); err != nil {
			return err
		}
		switch {
		case b[0] == 0:
			return pingMySQL(l)
		case b[0] == 0xfe: // another way to log in
			p := parser{b: b[1:]}
			plugin = p.text()
			sendMySQL(l, number+1, mysqlProof(plugin, t.Password, p.bytes(min(20, len(p.b)))))
		case b[0] == 1 && len(b) == 2 && b[1] == 3: // the proof was enough
		default:
			return replyError("the server takes this user's password over TLS only: give a user without one")
		}
	}
	return errOdd("MySQL")
}

// mysqlProof proves the password for one of the two common ways to log in; without one it is
// empty.
func mysqlProof(plugin, password string, salt []byte) []byte {
	if password == "" {
		return nil
	}
	if plugin == "caching_sha2_password" {
		one := sha256.Sum256([]byte(password))
		two := sha256.Sum256(one[:])
		three := sha256.Sum256(append(two[:], salt...))
		for i := range one {
			one[i] ^= three[i]
		}
		return one[:]
	}
	one := sha1.Sum([]byte(password))                               //nolint:gosec // as above
	two := sha1.Sum(one[:])                                         //nolint:gosec // as above
	three := sha1.Sum(append(append([]byte{}, salt...), two[:]...)) //nolint:gosec // as above
	for i := range one {
		one[i] ^= three[i]
	}
	return one[:]
}

func pingMySQL(l *connection) error {
	sendMySQL(l, 0, []byte{mysqlPing})
	b, _, err := mysqlPacket(l)
	if err == nil && b[0] != 0 {
		return errOdd("MySQL")
	}
	return err
}

// loginPostgres logs in without TLS and sends no query: PgBouncer would take a server for it
// (https://www.postgresql.org/docs/current/protocol-flow.html).
func loginPostgres(l *connection, t livetest.Target) error {
	database := cmp.Or(strings.TrimPrefix(strings.SplitN(t.Path, "?", 2)[0], "/"), t.User)
	out := binary.BigEndian.AppendUint32(nil, 3<<16)
	for _, word := range []string{"user", t.User, "database", database, "application_name", "keeptune"} {
		out = append(append(out, word...), 0)
	}
	out = append(out, 0)
	l.send(append(binary.BigEndian.AppendUint32(nil, uint32(len(out)+4)), out...)) //nolint:gosec // of a few bytes
	var proof scram
	for range 200 {
		head, err := l.take(5)
		if err != nil {
			return err
		}
		b, err := l.take(int(int32(binary.BigEndian.Uint32(head[1:]))) - 4) //nolint:gosec // take looks
		if err != nil {
			return err
		}
		switch head[0] {
		case 'E':
			return refusal(postgresText(b))
		case 'Z':
			return nil
		case 'R':
			err = postgresLogin(l, t, &proof, b)
		case 'S', 'K', 'N', 'A':
		default:
			err = errOdd("PostgreSQL")
		}
		if err != nil {
			return err
		}
	}
	return errOdd("PostgreSQL")
}

// postgresText is the message of an error, which is the field M.
func postgresText(b []byte) string {
	for field := range strings.SplitSeq(string(b), "\x00") {
		if strings.HasPrefix(field, "M") {
			return field[1:]
		}
	}
	return "it does not say why"
}

// provePostgres sends a message of the login.
func provePostgres(l *connection, b []byte) {
	l.send(append(binary.BigEndian.AppendUint32([]byte{'p'}, uint32(len(b)+4)), b...)) //nolint:gosec // of a few bytes
}

// postgresLogin answers what the server asks for a login.
func postgresLogin(l *connection, t livetest.Target, proof *scram, b []byte) error {
	p := parser{b: b}
	kind := p.uint32()
	if kind != 0 && t.Password == "" && !p.bad {
		return replyError("the server wants a password: set KEEPTUNE_PASSWORD")
	}
	switch {
	case p.bad:
		return errOdd("PostgreSQL")
	case kind == 0, kind == 12: // let in, or about to be
	case kind == 3:
		provePostgres(l, append([]byte(t.Password), 0))
	case kind == 5:
		inner := md5.Sum([]byte(t.Password + t.User))                                 //nolint:gosec // as above
		outer := md5.Sum(append([]byte(hex.EncodeToString(inner[:])), p.bytes(4)...)) //nolint:gosec // as above
		provePostgres(l, []byte("md5"+hex.EncodeToString(outer[:])+"\x00"))
	case kind == 10 && strings.Contains(string(p.b), "SCRAM-SHA-256\x00"):
		first := proof.first()
		out := append([]byte("SCRAM-SHA-256\x00"), binary.BigEndian.AppendUint32(nil, uint32(len(first)))...) //nolint:gosec // of a few bytes
		provePostgres(l, append(out, first...))
	case kind == 11:
		final, err := proof.final(t.Password, string(p.b))
		if err != nil {
			return err
		}
		provePostgres(l, []byte(final))
	default:
		return replyError("the server wants a login that is not spoken here: give a user with a password")
	}
	return nil
}

// scram is SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677).
type scram struct{ bare string }

func (s *scram) first() string {
	s.bare = "n=,r=" + rand.Text()
	return "n,," + s.bare
}

// maxRounds bounds what a server may make us compute.
const maxRounds = 1_000_000

func (s *scram) final(password, server string) (string, error) {
	fields := map[string]string{}
	for f := range strings.SplitSeq(server, ",") {
		name, value, _ := strings.Cut(f, "=")
		fields[name] = value
	}
	rounds, err := strconv.Atoi(fields["i"])
	salt, err2 := base64.StdEncoding.DecodeString(fields["s"])
	if err != nil || err2 != nil || rounds < 1 || rounds > maxRounds || s.bare == "" {
		return "", errOdd("PostgreSQL")
	}
	salted, err := pbkdf2.Key(sha256.New, password, salt, rounds, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("SCRAM: %w", err)
	}
	sum := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		_, _ = h.Write([]byte(text))
		return h.Sum(nil)
	}
	key := sum(salted, "Client Key")
	stored := sha256.Sum256(key)
	without := "c=biws,r=" + fields["r"]
	signature := sum(stored[:], s.bare+","+server+","+without)
	for i := range key {
		key[i] ^= signature[i]
	}
	return without + ",p=" + base64.StdEncoding.EncodeToString(key), nil
}
