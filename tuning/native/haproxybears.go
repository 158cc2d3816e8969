package native

import (
	"slices"
	"strings"
)

// haproxyOthers are keywords with such words in them that have nothing to do
// with how long the connections of requests live.
var haproxyOthers = []string{
	"timeout check", "timeout queue", "timeout tarpit", "timeout resolve", "timeout retry", "timeout mail", "stats timeout", "hold",
	"maxconn", "fullconn", "option httpchk", "option tcp-check", "option tcplog", "option httplog", "option tcp-smart-accept", "option tcp-smart-connect",
	"tcp-check", "http-check", "stick-table", "stick", "log", "description", "acl", "server-state-file", "tcp-request", "tcp-response",
	"setenv", "presetenv", "unsetenv", "log-format", "log-format-sd", "log-tag", "capture", "errorfile", "unique-id-format", "hash-type", "balance", "cookie", "email-alert",
	"option splice-auto", "option splice-request", "option splice-response",
}

// haproxyAlso are keywords that bear on connections without such a word.
var haproxyAlso = []string{
	"option httpclose", "option forceclose", "option http-server-close", "option http-tunnel", "option prefer-last-server", "option http-pretend-keepalive",
	"option clitcpka", "option srvtcpka", "option tcpka", "option idle-close-on-response", "option redispatch", "mode tcp",
	"retry-on", "option http-buffer-request", "http-reuse", "max-session-srv-conns", "option abortonclose", "option nolinger",
}

// haproxyBears reports whether a line bears on connections.
func haproxyBears(words []string) bool {
	if len(words) > 1 && words[0] == "no" {
		words = words[1:]
	}
	if len(words) == 0 || strings.HasPrefix(words[0], ".") {
		return false
	}
	both := words[0]
	if len(words) > 1 {
		both += " " + words[1]
	}
	has := func(list []string) bool { return slices.Contains(list, both) || slices.Contains(list, words[0]) }
	switch {
	case has(haproxyAlso):
		return true
	case words[0] == "retries":
		return len(words) > 1 && words[1] == "0"
	case words[0] == "http-request" && len(words) > 1 && words[1] == "disable-l7-retry":
		return true
	case has(haproxyOthers), slices.Contains(haproxySections, words[0]):
		return false
	case words[0] == "server", words[0] == "server-template", words[0] == "default-server", words[0] == "bind":
		return len(haproxyWordsOf(&haproxyLine{words: words})) > 0 || words[0] != "bind" && slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "pool-") })
	case strings.HasPrefix(words[0], "http-"):
		return len(words) > 3 && strings.Contains(words[1], "header") && (strings.EqualFold(words[2], "connection") || strings.EqualFold(words[2], "keep-alive"))
	}
	return concernsConnections(both)
}

// haproxyBearsLine is [haproxyBears] for a line of a file.
func haproxyBearsLine(line string) bool {
	words, _ := new(haproxyReader).words(line)
	return haproxyBears(words)
}
