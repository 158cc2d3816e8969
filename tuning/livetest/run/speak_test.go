package run_test

import (
	"context"
	"errors"
	"net"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
)

// A turn is what a server waits for, as a pattern of all that came since its last word, and
// what it says then. An empty pattern waits for nothing.
type turn struct{ hears, says string }

// converses is a server of some turns. It ends a connection when nothing came for a time, and
// answers again to what is asked later.
func converses(turns []turn, again turn, idle time.Duration) func(context.Context, string) (net.Conn, error) {
	return func(context.Context, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer func() { _ = theirs.Close() }()
			for i := 0; ; i++ {
				t := again
				if i < len(turns) {
					t = turns[i]
				}
				if t.hears != "" && !hears(theirs, t.hears, idle) {
					return
				}
				if t.says == "" {
					continue
				}
				if _, err := theirs.Write([]byte(t.says)); err != nil {
					return
				}
			}
		}()
		return ours, nil
	}
}

// hears reports whether a pattern came before the silence was too long.
func hears(c net.Conn, pattern string, idle time.Duration) bool {
	var all []byte
	b := make([]byte, 512)
	whole := regexp.MustCompile("(?s)^(?:" + letters([]byte(pattern)) + ")$")
	for !whole.MatchString(letters(all)) {
		_ = c.SetReadDeadline(time.Now().Add(idle))
		n, err := c.Read(b)
		if err != nil {
			return false
		}
		all = append(all, b[:n]...)
	}
	return true
}

// letters makes a letter of each byte, so that patterns are of bytes.
func letters(b []byte) string {
	out := make([]rune, 0, len(b))
	for _, c := range b {
		out = append(out, rune(c))
	}
	return string(out)
}

// never is heard of nobody.
const never = "\x00never\x00"

const (
	mysqlGreeting = "\x4c\x00\x00\x00\x0a11.8.9-x\x00\x01\x00\x00\x00saltsalt\x00\xff\xf7\x2d\x02\x00\xff\x81\x15\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00123456789012\x00mysql_native_password\x00"
	mysqlOK       = "\x07\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00"
	amqpStarts    = "\x01\x00\x00\x00\x00\x00\x04\x00\x0a\x00\x0a\xce"
	amqpTunes     = "\x01\x00\x00\x00\x00\x00\x0c\x00\x0a\x00\x1e\x07\xff\x00\x02\x00\x00\x00\x3c\xce"
	amqpOpens     = "\x01\x00\x00\x00\x00\x00\x05\x00\x0a\x00\x29\x00\xce"
	postgresReady = "R\x00\x00\x00\x08\x00\x00\x00\x00S\x00\x00\x00\x08a\x00b\x00Z\x00\x00\x00\x05I"
)

// A greeted is a conversation with a target.
type greeted struct {
	target string
	turns  []turn
	again  turn
}

func conversations() map[string]greeted {
	quiet := turn{never, ""}
	return map[string]greeted{
		"redis":             {"redis://h", nil, turn{`\*1\r\n\$4\r\nPING\r\n`, "+PONG\r\n"}},
		"redis, no login":   {"valkey://h", nil, turn{`.*PING\r\n`, "-NOAUTH Authentication required.\r\n"}},
		"memcached":         {"memcached://h", nil, turn{"version\r\n", "VERSION 1.6.45\r\n"}},
		"mysql":             {"mariadb://root@h", []turn{{"", mysqlGreeting}, {".*root\x00\x00mysql_native_password\x00", mysqlOK}}, turn{"\x01\x00\x00\x00\x0e", "\x07\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00"}},
		"mysql, other way":  {"mysql://root@h", []turn{{"", mysqlGreeting}, {".*mysql_native_password\x00", "\x19\x00\x00\x02\xfecaching_sha2_password\x0012"}, {"\x00\x00\x00\x03", "\x07\x00\x00\x04\x00\x00\x00\x02\x00\x00\x00"}}, turn{"\x01\x00\x00\x00\x0e", mysqlOK}},
		"postgres":          {"postgresql://joe@h/shop", []turn{{"....\x00\x03\x00\x00user\x00joe\x00database\x00shop\x00.*\x00\x00", postgresReady}}, quiet},
		"amqp":              {"amqp://h", []turn{{"AMQP\x00\x00\x09\x01", amqpStarts}, {".*\x00guest\x00guest\x05en_US\xce", amqpTunes}, {".*\x07\xff\x00\x02\x00\x00\x00\x3c\xce.*\x01/\x00\x00\xce", amqpOpens}}, quiet},
		"amqp, heartbeat 7": {"amqp://h/?heartbeat=7", []turn{{"AMQP....", amqpStarts}, {".*en_US\xce", "\x08\x00\x00\x00\x00\x00\x00\xce" + amqpTunes}, {".*\x07\xff\x00\x02\x00\x00\x00\x07\xce.*\x01/\x00\x00\xce", amqpOpens}}, quiet},
		"mqtt":              {"mqtt://h", []turn{{"\x10.\x00\x04MQTT\x04\x02\x00\x3c\x00.keeptune-.*", "\x20\x02\x00\x00"}}, turn{"\xc0\x00", "\xd0\x00"}},
		"mqtt, keepalive 7": {"mqtt://h/?keepalive=7", []turn{{"\x10.\x00\x04MQTT\x04\x02\x00\x07\x00.keeptune-.*", "\x20\x02\x00\x00"}}, turn{"\xc0\x00", "\xd0\x00"}},
		"nats":              {"nats://h", []turn{{"", "INFO {}\r\n"}, {"CONNECT .*PING\r\n", "+OK\r\nPING\r\n"}, {"PONG\r\n", "PONG\r\n"}}, turn{"PING\r\n", "PONG\r\n"}},
		"ldap":              {"ldap://h", []turn{{"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00", "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00"}}, quiet},
		"ws":                {"ws://h", []turn{{"GET / HTTP/1.1\r\n.*Upgrade: websocket\r\n.*\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"}}, turn{"\x89\x80\x00\x00\x00\x00", "\x8a\x00"}},
		"socket.io":         {"ws://h/socket.io/?EIO=4&transport=websocket", []turn{{"GET /socket.io/.*\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x030{}"}, {"\x81\x82\x00\x00\x00\x0040", "\x81\x0440{}"}}, turn{"\x89\x80\x00\x00\x00\x00", "\x81\x012\x8a\x00"}},
		"grpc":              {"grpc://h", []turn{{"PRI \\* HTTP/2.0\r\n\r\nSM\r\n\r\n.{9}", "\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00"}, {"\x00\x00\x00\x04\x01\x00\x00\x00\x00", ""}}, quiet},
	}
}

// After a conversation the time of silence is the server's own, in each protocol.
func TestSilenceAfterAConversation(t *testing.T) {
	for name, c := range conversations() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := converse(t, c, 7*time.Second)
				if o.err != nil {
					t.Fatal(o.err)
				}
				wantSpan(t, "low", o.res.Idle.Low, 7*time.Second)
				wantSpan(t, "high", o.res.Idle.High, 7*time.Second)
				if o.res.Idle.Close != livetest.CloseFIN || o.res.Control.Failures > 0 || o.res.Control.Exchanges == 0 {
					t.Errorf("%+v, control %+v", o.res.Idle, o.res.Control)
				}
			})
		})
	}
}

// converse tests such a target.
func converse(t *testing.T, c greeted, idle time.Duration) outcome {
	t.Helper()
	target, err := livetest.ParseTarget(c.target)
	if err != nil {
		t.Fatal(err)
	}
	return collect(t.Context(), run.Tester{Dial: converses(c.turns, c.again, idle)}, livetest.NewSpec(target))
}

// The version exchange of SSH does not put off the login's timer; nothing is opened beside
// three samples.
func TestSilenceBeforeTheLoginOfSSH(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opened := 0
		dial := converses([]turn{{"", "a banner\r\nSSH-2.0-x\r\n"}, {"SSH-2.0-keeptune\r\n", "\x00"}}, turn{never, ""}, 7*time.Second)
		target, err := livetest.ParseTarget("ssh://h")
		if err != nil {
			t.Fatal(err)
		}
		o := collect(t.Context(), run.Tester{Dial: func(ctx context.Context, address string) (net.Conn, error) {
			opened++
			return dial(ctx, address)
		}}, livetest.NewSpec(target))
		if o.err != nil || opened != 3 {
			t.Fatalf("%d connections, %v", opened, o.err)
		}
		wantSpan(t, "low", o.res.Idle.Low, 7*time.Second)
	})
}

// What a server says against the test is told in one sentence.
func TestARefusalIsTold(t *testing.T) {
	refuses := func(target string, turns ...turn) greeted { return greeted{target, turns, turn{never, ""}} }
	for name, c := range map[string]struct {
		greeted
		want string
	}{
		"mysql":                {refuses("mysql://x@h", turn{"", mysqlGreeting}, turn{".*password\x00", "\x11\x00\x00\x02\xff\x15\x04#28000no \x1b[31mway"}), "the server refuses: no "},
		"mysql, blocked":       {refuses("mysql://x@h", turn{"", "\x0a\x00\x00\x00\xff\x69\x04blocked"}), "the server refuses: blocked"},
		"mysql, cut off":       {refuses("mysql://x@h", turn{"", "\x05\x00\x00\x00\x0a11.\x00"}), "does not answer as MySQL does"},
		"mysql, another":       {refuses("mysql://x@h", turn{"", "HTTP/1.1 400 Bad Request\r\n"}), "an answer without end"},
		"postgres":             {refuses("postgres://x@h", turn{".*\x00\x00", "E\x00\x00\x00\x12SFATAL\x00Mno db\x00\x00"}), "the server refuses: no db"},
		"postgres, a password": {refuses("postgres://x@h", turn{".*\x00\x00", "R\x00\x00\x00\x08\x00\x00\x00\x03"}), "the server wants a password: set KEEPTUNE_PASSWORD"},
		"amqp":                 {refuses("amqp://h", turn{"AMQP....", amqpStarts}, turn{".*en_US\xce", "\x01\x00\x00\x00\x00\x00\x0f\x00\x0a\x00\x32\x01\x93\x04no!!\x00\x00\x00\x00\xce"}), "the server refuses: no!!"},
		"amqp, version":        {refuses("amqp://h", turn{"AMQP....", "AMQP\x00\x01\x00\x00"}), "another version of AMQP"},
		"mqtt":                 {refuses("mqtt://h", turn{"\x10.*", "\x20\x02\x00\x05"}), "the server refuses: code 5 to CONNECT"},
		"mqtt, keepalive":      {refuses("mqtt://h/?keepalive=70000"), "keepalive=70000 in the target is out of range: give 0 to 65535 seconds"},
		"nats":                 {refuses("nats://h", turn{"", "INFO {}\r\n"}, turn{".*PING\r\n", "-ERR 'Authorization Violation'\r\n"}), "the server refuses: Authorization Violation"},
		"ws":                   {refuses("ws://h", turn{".*\r\n\r\n", "HTTP/1.1 404 Not Found\r\n\r\n"}), "it answers 404 Not Found to the upgrade"},
		"redis, another":       {refuses("redis://h", turn{".*PING\r\n", "HTTP/1.1 400 Bad Request\r\n"}), "does not answer as Redis does"},
		"memcached, another":   {refuses("memcached://h", turn{"version\r\n", "220 ready\r\n"}), "does not answer as memcached does"},
		"ldap, another":        {refuses("ldap://h", turn{"\x30.*", "220 ready\r\n"}), "does not answer as LDAP does"},
		"nats, another":        {refuses("nats://h", turn{"", "220 ready\r\n"}), "does not answer as NATS does"},
		"a line without end":   {refuses("nats://h", turn{"", strings.Repeat("x", 5000)}), "a line without end"},
		"ssh, another":         {refuses("ssh://h", turn{"", strings.Repeat("220 ready\r\n", 30)}), "does not answer as SSH does"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := converse(t, c.greeted, 7*time.Second)
				if !errors.Is(o.err, run.ErrInconclusive) || !strings.Contains(o.err.Error(), c.want) || strings.Contains(o.err.Error(), "\x1b") {
					t.Errorf("%v, want %q", o.err, c.want)
				}
			})
		})
	}
}

// A server that ends a connection waits for what every client answers.
func TestWhatAServerWaitsForIsAnswered(t *testing.T) {
	const ping, pong = "\x00\x00\x08\x06\x00\x00\x00\x00\x0012345678", "\x00\x00\x08\x06\x01\x00\x00\x00\x0012345678"
	all := conversations()
	for name, c := range map[string]struct {
		greeted
		says, hears string
	}{
		"grpc":      {all["grpc"], "\x00\x00\x08\x07\x00\x00\x00\x00\x00\x7f\xff\xff\xff\x00\x00\x00\x00" + ping, pong},
		"websocket": {all["ws"], "\x81\x7e\x00\x03abc\x88\x02\x03\xe8", "\x88\x80\x00\x00\x00\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.turns = append(c.turns, turn{"", c.says}, turn{c.hears, ""})
				var answered atomic.Int32
				dial := converses(c.turns, turn{never, ""}, 7*time.Second)
				target, err := livetest.ParseTarget(c.target)
				if err != nil {
					t.Fatal(err)
				}
				o := collect(t.Context(), run.Tester{Dial: func(ctx context.Context, address string) (net.Conn, error) {
					ours, err := dial(ctx, address)
					return watchedWrites{ours, c.hears, &answered}, err
				}}, livetest.NewSpec(target))
				if o.err != nil || answered.Load() < 7 {
					t.Errorf("%d answers, %v", answered.Load(), o.err)
				}
			})
		})
	}
}

// watchedWrites counts a certain write.
type watchedWrites struct {
	net.Conn
	what string
	n    *atomic.Int32
}

// Write is net.Conn's.
func (c watchedWrites) Write(b []byte) (int, error) {
	if string(b) == c.what {
		c.n.Add(1)
	}
	return c.Conn.Write(b)
}
