package native

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
)

const rabbitmqFace = "rabbitmq."

func rabbitmq() *syntax {
	return lineFormat(syntax{
		id:    "rabbitmq",
		signs: []string{`(?m)^\s*#*\s*(listeners\.tcp\b|tcp_listen_options\.|vm_memory_high_watermark\b|disk_free_limit\.|loopback_users\b|handshake_timeout\s*=|heartbeat\s*=)|^\s*\{heartbeat,\d+\}`},
		title: "RabbitMQ: lines of rabbitmq.conf", comment: hash,
		checks: []check{{"rabbitmq", "3.10", "rabbitmq-server"}},
		read:   readRabbitMQ,
		effect: func(*target) []string {
			return []string{"A restart reads the file and closes all connections."}
		},
	}, "=", lineFile{
		name: "keeptune-rabbitmq.conf", system: "rabbitmq",
		use: "Copy it to /etc/rabbitmq/conf.d/ (from 3.8 on), or its lines to the end of rabbitmq.conf; of a name that is set twice the last one counts.",
		knobs: []knob{
			{param: rabbitmqFace + "heartbeat", line: "heartbeat = %s", steps: bareSeconds},
			{param: rabbitmqFace + "handshake_timeout", line: "handshake_timeout = %s", steps: bareMilliseconds},
			{param: rabbitmqFace + "tcp_keepalive", line: "tcp_listen_options.keepalive = %s", on: "true", off: "false"},
		},
	})
}

// erlangPair is {name,value of a term; the value of a list is empty.
var erlangPair = lazily(`\{\s*([a-z_]+)\s*,\s*([\w.]*)`)

// rabbitmqListening are the options that stand in tcp_listen_options.
var rabbitmqListening = []string{"backlog", "nodelay", "keepalive", "linger", "exit_on_close", "send_timeout", "sndbuf", "recbuf", "buffer", "true", "false"}

// readRabbitMQ reads rabbitmq.conf, and the terms that rabbitmqctl environment prints and
// advanced.config has.
func readRabbitMQ(r *reader, text string) {
	r.lastCounts = true
	listens := false // inside of {tcp_listen_options,[ … ]}
	for n, line := range numbered(text) {
		if line == "" || line[0] == '#' || line[0] == '%' {
			continue
		}
		if name, value, ok := strings.Cut(line, "="); ok {
			r.rabbitmqSetting(n, strings.TrimSpace(name), strings.TrimSpace(value))
			continue
		}
		for _, m := range erlangPair().FindAllStringSubmatch(line, -1) {
			name, value := m[1], m[2]
			if name == "keepalive" && listens {
				name = "tcp_listen_options.keepalive"
			}
			listens = name == "tcp_listen_options" || listens && slices.Contains(rabbitmqListening, m[1])
			r.rabbitmqSetting(n, name, value)
		}
	}
}

func (r *reader) rabbitmqSetting(line int, name, value string) {
	switch name {
	case "heartbeat", "handshake_timeout":
		r.set(line, model.ParamID(rabbitmqFace+name), value)
	case "tcp_listen_options.keepalive":
		r.set(line, rabbitmqFace+"tcp_keepalive", value)
	case "tcp_listen_options.linger.timeout", "tcp_listen_options.linger.on":
		r.leave(line, "it is about closing a socket")
	case "tcp_listen_options.backlog":
		r.leave(line, "it bounds how many connections wait to be taken")
	}
}
