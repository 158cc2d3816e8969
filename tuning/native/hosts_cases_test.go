package native_test

import "time"

// hostLawCases are those of hosts, databases, devices and machine formats.
var hostLawCases = []lawCase{
	{"ssh", "ssh@9.9 > sshd", 0, time.Second, 2147483647 * time.Second, false},
	{"sshd", "ssh > sshd@9.2", 1, time.Second, 2147483647 * time.Second, false},
}

// hostExportCases has a document for each of these formats.
var hostExportCases = []exportCase{
	{"ssh", "ssh > sshd", []string{"client:ServerAliveInterval=30s"}},
	{"sshd", "ssh > sshd", []string{"server:ClientAliveInterval=30s"}},
}

// hostUndoCases are exports over a known value.
var hostUndoCases = []undoCase{
	{"ssh", "ssh > sshd", "client:ServerAliveInterval=60s", []string{"client:ServerAliveInterval=30s", "client:tcp_keepalive=off"}, nil},
	{"sshd", "ssh > sshd", "server:ClientAliveInterval=60s", []string{"server:ClientAliveInterval=30s"}, nil},
}
