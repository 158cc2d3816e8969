package native

import (
	"time"

	"example.com/keeptune/model"
)

// grpcForever is what gRPC for Go takes as infinity.
const grpcForever = "time.Duration(1<<63 - 1)"

func grpc() *syntax {
	return codeSyntax(
		syntax{
			id: "grpc", signs: []string{`"google\.golang\.org/grpc`},
			title: "gRPC for Go: options of clients and servers", comment: slashes,
			unchecked: "google.golang.org/grpc is no part of the tests; the file is parsed and stands as gofmt writes it.",
		},
		grpcClient(), grpcServer(),
	)
}

// grpcTime assigns a time to a field, or puts it into a call.
func grpcTime(param model.ParamID, line, never string) setter {
	steps := []step{goSteps[0], {time.Minute, " * time.Minute"}, {time.Hour, " * time.Hour"}} // the longer ones are read only
	return setter{knob: knob{param: param, line: line, steps: append(steps, goSteps[1:]...), never: never}}
}

// grpcHead begins a file with the imports that the rest needs.
func grpcHead(pings []model.ParamID, times ...model.ParamID) []part {
	return []part{
		{always: true, open: []string{"package keepalive", "", "import ("}},
		{with: times, open: []string{"\t\"time\"", ""}},
		{always: true, open: []string{"\t\"google.golang.org/grpc\""}},
		{with: pings, open: []string{"\t\"google.golang.org/grpc/keepalive\""}},
		{always: true, open: []string{")", ""}},
	}
}

func grpcClient() layout {
	pings := []setter{
		grpcTime("grpc-client.keepaliveTime", "ping.Time = %s", grpcForever),
		grpcTime("grpc-client.keepaliveTimeout", "ping.Timeout = %s", ""),
		{knob: knob{param: "grpc-client.permitWithoutStream", line: "ping.PermitWithoutStream = %s", on: "true", off: "false"}},
	}
	idle := grpcTime("grpc-client.idleTimeout", "idle := %s", "time.Duration(0)")
	return layout{
		system: "grpc-client", name: "keepalive_dial.go", mark: "DialOption",
		use:    "For Go. grpc.NewClient(target, append(DialOptions(), yours...)...). Java and C++ have the same settings under their own names.",
		effect: "A server that was not told closes the connection with GOAWAY too_many_pings: its permitKeepaliveTime must not be longer than keepaliveTime, and it must permit pings without a call (PermitWithoutStream, off by default).",
		parts: append(
			grpcHead(setterIDs(pings), append(setterIDs(pings[:2]), idle.param)...),
			part{always: true, open: []string{
				"// DialOptions are the settings of this file.", "func DialOptions() []grpc.DialOption {", "\tvar options []grpc.DialOption",
			}},
			part{
				indent: "\t", set: pings, open: []string{"\t// Without PermitWithoutStream an idle connection has no pings.", "\tvar ping keepalive.ClientParameters"},
				shut: []string{"\toptions = append(options, grpc.WithKeepaliveParams(ping))"},
			},
			part{indent: "\t", set: []setter{idle}, shut: []string{"\toptions = append(options, grpc.WithIdleTimeout(idle))"}},
			part{always: true, open: []string{"\treturn options", "}"}},
		),
	}
}

func grpcServer() layout {
	set := []setter{
		grpcTime("grpc-server.maxConnectionIdle", "params.MaxConnectionIdle = %s", grpcForever),
		grpcTime("grpc-server.maxConnectionAge", "params.MaxConnectionAge = %s", grpcForever),
		grpcTime("grpc-server.keepaliveTime", "params.Time = %s", grpcForever),
		grpcTime("grpc-server.keepaliveTimeout", "params.Timeout = %s", ""),
	}
	policy := []setter{
		grpcTime("grpc-server.permitKeepaliveTime", "policy.MinTime = %s", "time.Nanosecond"),
		{knob: knob{param: "grpc-server.permitWithoutStream", line: "policy.PermitWithoutStream = %s", on: "true", off: "false"}},
	}
	return layout{
		system: "grpc-server", name: "keepalive_serve.go", mark: "ServerOption",
		use: "For Go. grpc.NewServer(append(ServerOptions(), yours...)...). Java and C++ have the same settings under their own names.",
		parts: append(
			grpcHead(append(setterIDs(set), setterIDs(policy)...), append(setterIDs(set), policy[0].param)...),
			part{always: true, open: []string{
				"// ServerOptions are the settings of this file.", "func ServerOptions() []grpc.ServerOption {", "\tvar options []grpc.ServerOption",
			}},
			part{indent: "\t", set: set, open: []string{"\tvar params keepalive.ServerParameters"}, shut: []string{"\toptions = append(options, grpc.KeepaliveParams(params))"}},
			part{
				indent: "\t", set: policy, open: []string{"\t// Without PermitWithoutStream a client may ping only during a call.", "\tvar policy keepalive.EnforcementPolicy"},
				shut: []string{"\toptions = append(options, grpc.KeepaliveEnforcementPolicy(policy))"},
			},
			part{always: true, open: []string{"\treturn options", "}"}},
		),
	}
}
