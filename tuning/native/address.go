package native

import (
	"slices"
	"strings"
)

// An address is where a program listens or sends to, as HOST:PORT, *:PORT for every
// interface, or unix:/PATH. It is empty where the text does not tell: a variable, a
// range.
func address(text, port string) string {
	text = strings.ToLower(text)
	for _, kind := range []string{"ipv4@", "ipv6@", "tcp@", "tcp4@", "tcp6@"} {
		text = strings.TrimPrefix(text, kind)
	}
	switch {
	case strings.HasPrefix(text, "unix:") || strings.HasPrefix(text, "unix@"):
		return "unix:" + text[len("unix:"):]
	case strings.HasPrefix(text, "/"):
		return "unix:" + text
	case text == "" || strings.ContainsAny(text, "$%\"'{} ,@"):
		return ""
	case strings.Trim(text, "0123456789") == "":
		return "*:" + text
	}
	host := text
	if at := strings.LastIndexByte(text, ':'); at >= 0 && !strings.HasSuffix(text, "]") && (text[0] == '[' || strings.Count(text, ":") == 1) {
		host, port = text[:at], text[at+1:]
	} else if strings.HasPrefix(text, ":::") { // HAProxy's bind :::80
		host, port = "", text[3:]
	}
	if port == "" || strings.Trim(port, "0123456789") != "" {
		return ""
	}
	switch host {
	case "", "*", "0.0.0.0", "[::]", "::", "_default_":
		host = "*"
	}
	if strings.Contains(host, ":") && host[0] != '[' {
		host = "[" + host + "]"
	}
	return host + ":" + port
}

// Address is where a program sends to that a text names, as HOST:PORT or unix:/PATH, with
// the port that counts where it names none; empty where it does not tell.
func Address(text, port string) string { return address(text, port) }

// backend is the address behind a URL, whose scheme gives the port where it has none.
func backend(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok || strings.HasPrefix(strings.ToLower(url), "unix:") {
		scheme, rest = "http", url
	}
	port := "80"
	switch strings.ToLower(scheme) {
	case "https", "grpcs", "wss", "h2":
		port = "443"
	}
	if strings.HasPrefix(strings.ToLower(rest), "unix:") {
		socket, _, _ := strings.Cut(rest[len("unix:"):], "|") // httpd: unix:/PATH|http://NAME/
		socket, _, _ = strings.Cut(socket, ":")
		return "unix:" + socket
	}
	host, _, _ := strings.Cut(rest, "/")
	return address(host, port)
}

// known are addresses without those that are not told, each once.
func known(list ...string) []string {
	var all []string
	for _, a := range list {
		if a != "" && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}
