package native

import (
	"time"

	"example.com/keeptune/model"
)

// dotnetSpans are the ways to make a TimeSpan; minutes are read only.
var dotnetSpans = []step{{time.Second, "TimeSpan.FromSeconds(%s)"}, {time.Minute, "TimeSpan.FromMinutes(%s)"}, {time.Millisecond, "TimeSpan.FromMilliseconds(%s)"}}

func dotnet() *syntax {
	return codeSyntax(
		syntax{
			id: "dotnet", signs: []string{`(?m)^\s*using System\.Net`},
			title: ".NET: SocketsHttpHandler, and ServicePointManager of the .NET Framework", comment: slashes,
			unchecked: "No .NET SDK is packaged for Debian 12; the statements are read back and compared.",
		},
		dotnetHandler(), dotnetFramework(),
	)
}

func dotnetHandler() layout {
	span := func(object, name string) setter {
		return setter{knob: knob{
			param: model.ParamID("dotnet-httpclient." + name), line: object + "." + name + " = %s;", steps: dotnetSpans, never: "Timeout.InfiniteTimeSpan",
		}}
	}
	option := func(name, line string, steps []step) setter {
		return setter{knob: knob{param: model.ParamID("dotnet-httpclient." + name), line: "socket.SetSocketOption(" + line + ", %s);", steps: steps}}
	}
	return layout{
		system: "dotnet-httpclient", name: "KeepAliveClient.cs", mark: "System.Net.Http",
		use:    "KeepAliveClient.Create() makes a client; make one and keep it. With HttpClientFactory, set the handler as the primary one.",
		effect: "Only requests of this client have it.",
		parts: []part{
			{
				always: true, indent: "        ", set: []setter{span("handler", "PooledConnectionIdleTimeout"), span("handler", "PooledConnectionLifetime")},
				open: []string{
					"using System;", "using System.Net.Http;", "using System.Net.Sockets;", "using System.Threading;", "",
					"static class KeepAliveClient", "{", "    public static HttpClient Create()", "    {", "        var handler = new SocketsHttpHandler();",
				},
			},
			{
				indent: "                ", set: []setter{
					option("tcp_keepalive", "SocketOptionLevel.Socket, SocketOptionName.KeepAlive", nil),
					option("tcp_keepidle", "SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime", bareSeconds),
					option("tcp_keepintvl", "SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval", bareSeconds),
					option("tcp_keepcnt", "SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount", nil),
				},
				open: []string{
					"        handler.ConnectCallback = async (context, cancel) =>", "        {",
					"            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };", "            try", "            {",
				},
				shut: []string{
					"                await socket.ConnectAsync(context.DnsEndPoint, cancel);", "                return new NetworkStream(socket, ownsSocket: true);",
					"            }", "            catch", "            {", "                socket.Dispose();", "                throw;", "            }", "        };",
				},
			},
			{
				always: true, indent: "        ", set: []setter{span("client", "Timeout")},
				open: []string{"        var client = new HttpClient(handler);"}, shut: []string{"        return client;", "    }", "}"},
			},
		},
	}
}

func dotnetFramework() layout {
	probe := func(name, line string, steps []step) setter {
		return setter{knob: knob{param: model.ParamID("dotnet-framework." + name), line: line, steps: steps}}
	}
	number := func(name, line string, steps []step) setter {
		return setter{knob: knob{param: model.ParamID("dotnet-framework." + name), line: line, steps: steps, never: "Timeout.Infinite"}}
	}
	return layout{
		system: "dotnet-framework", name: "KeepAliveServicePoint.cs", mark: "ServicePoint",
		use: "Call KeepAliveServicePoint.Apply(address) at the start, once for each server, before the first request.",
		parts: []part{
			{
				always: true, indent: "        ", set: []setter{
					number("MaxServicePointIdleTime", "ServicePointManager.MaxServicePointIdleTime = %s;", bareMilliseconds),
					number("DefaultConnectionLimit", "ServicePointManager.DefaultConnectionLimit = %s;", nil),
				},
				open: []string{
					"using System;", "using System.Net;", "using System.Threading;", "",
					"static class KeepAliveServicePoint", "{", "    public static void Apply(Uri address)", "    {",
				},
			},
			{
				indent: "        ", set: []setter{
					{knob: knob{param: "dotnet-framework.tcp_keepalive", line: "bool probes = %s;"}, whole: true},
					probe("tcp_keepidle", "int probesAfter = %s;", bareMilliseconds),
					probe("tcp_keepintvl", "int probesEvery = %s;", bareMilliseconds),
				},
				body: dotnetProbes,
			},
			{
				always: true, indent: "        ", set: []setter{number("ConnectionLeaseTimeout", "point.ConnectionLeaseTimeout = %s;", bareMilliseconds)},
				open: []string{"        ServicePoint point = ServicePointManager.FindServicePoint(address);"}, shut: []string{"    }", "}"},
			},
		},
	}
}

// dotnetProbes writes the call that takes the switch and both times.
func dotnetProbes(p *page, pt *part) error {
	ids := pt.ids()
	on, times := p.value(ids[0]), p.has(ids[1:]...)
	off := on.value != model.ValueOn
	switch {
	case p.undo && (len(times) == 1 || len(times) == 2 && (times[0].gone || times[1].gone)):
		p.reasons(pt.indent, p.has(ids...)...)
		return nil
	case off && len(times) > 0:
		return p.cannot(times[0].row, times[0].value, p.product(), "probes are off, so there is nowhere to write it; set tcp_keepalive=on, too")
	case !off && len(times) < 2:
		return p.cannot(on.row, on.value, p.product(), "SetTcpKeepAlive takes both times; set tcp_keepidle and tcp_keepintvl, too")
	case off:
		p.put(pt.indent, on, "bool probes = false;")
		p.add(pt.indent+"int probesAfter = 0;", pt.indent+"int probesEvery = 0;")
	default:
		if err := setterLines(p, pt); err != nil {
			return err
		}
	}
	p.add(pt.indent + "ServicePointManager.SetTcpKeepAlive(probes, probesAfter, probesEvery);")
	return nil
}
