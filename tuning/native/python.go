package native

import (
	"example.com/keeptune/model"
)

// pythonSockets are the socket options of Python, with the names that Linux has.
func pythonSockets(system string) []setter {
	id := func(name string) model.ParamID { return model.ParamID(system + "." + name) }
	return []setter{
		{knob: knob{param: id("tcp_keepalive"), line: "(socket.SOL_SOCKET, socket.SO_KEEPALIVE, %s),", on: "1", off: "0"}},
		{knob: knob{param: id("tcp_keepidle"), line: "(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, %s),", steps: bareSeconds}},
		{knob: knob{param: id("tcp_keepintvl"), line: "(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, %s),", steps: bareSeconds}},
		{knob: knob{param: id("tcp_keepcnt"), line: "(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, %s),"}},
		{knob: knob{param: id("tcp_user_timeout"), line: "(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, %s),", steps: bareMilliseconds}},
	}
}

// setterIDs are the parameters of setters.
func setterIDs(list []setter) []model.ParamID { return (&part{set: list}).ids() }

// pythonLine is a keyword argument, of a time in seconds with decimals or of a count.
func pythonLine(id model.ParamID, line string, whole bool) setter {
	return setter{knob: knob{param: id, line: line, steps: bareSeconds, never: "None"}, decimal: true, whole: whole}
}

func python() *syntax {
	return codeSyntax(
		syntax{
			id:    "python",
			signs: []string{`(?m)^\s*(import|from) (requests|httpx|aiohttp)\b`},
			title: "Python: requests, HTTPX, aiohttp", comment: hash,
			checks: []check{
				{"python-requests", "2.28", "python3"}, {"httpx", "0.23", "python3"}, {"aiohttp", "3.8", "python3"},
			},
		},
		pythonRequests(), pythonHTTPX(), pythonAiohttp(),
	)
}

const nodelay = "(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),"

func pythonRequests() layout {
	sockets := pythonSockets("python-requests")
	return layout{
		system: "python-requests", name: "keeptune_requests.py", mark: "requests",
		use:    "from keeptune_requests import session, and send requests with session() in place of requests.",
		effect: "Only requests of such a session have it.",
		parts: []part{
			{with: setterIDs(sockets), open: []string{"import socket", ""}},
			{always: true, open: []string{
				"import requests", "from requests.adapters import HTTPAdapter", "", "",
				"class KeepAliveAdapter(HTTPAdapter):", `    """An HTTPAdapter with the settings of this file."""`,
			}},
			{
				indent: "            ", set: sockets,
				open: []string{
					"", "    # Connections through a proxy do not have these options.",
					"    def init_poolmanager(self, *args, **kwargs):", `        kwargs["socket_options"] = [`, "            " + nodelay,
				},
				shut: []string{"        ]", "        super().init_poolmanager(*args, **kwargs)"},
			},
			{
				indent: "            ", set: []setter{pythonLine("python-requests.timeout", `kwargs["timeout"] = %s`, false)},
				open: []string{"", "    def send(self, request, **kwargs):", `        if kwargs.get("timeout") is None:`},
				shut: []string{"        return super().send(request, **kwargs)"},
			},
			{
				always: true, indent: "        ", set: []setter{{knob: knob{param: "python-requests.pool_maxsize", line: "pool_maxsize=%s,"}}},
				open: []string{"", "", "def session():", "    s = requests.Session()", "    adapter = KeepAliveAdapter("},
				shut: []string{"    )", `    s.mount("http://", adapter)`, `    s.mount("https://", adapter)`},
			},
			{indent: "    ", set: []setter{{knob: knob{
				param: "python-requests.Connection keep-alive", line: `s.headers["Connection"] = %s`, on: `"keep-alive"`, off: `"close"`,
			}}}},
			{always: true, open: []string{"    return s"}},
		},
	}
}

func pythonHTTPX() layout {
	sockets := pythonSockets("httpx")
	return layout{
		system: "httpx", name: "keeptune_httpx.py", mark: "httpx",
		use:    "from keeptune_httpx import client, and send requests with client(); an AsyncClient takes the same arguments.",
		effect: "Only requests of such a client have it.",
		parts: []part{
			{with: setterIDs(sockets), open: []string{"import socket", ""}},
			{
				always: true, indent: "    ", scope: "Limits(", set: []setter{
					pythonLine("httpx.max_keepalive_connections", "max_keepalive_connections=%s,", true),
					pythonLine("httpx.keepalive_expiry", "keepalive_expiry=%s,", true),
				},
				open: []string{"import httpx", "", "limits = httpx.Limits(", "    max_connections=100,  # as by default"}, shut: []string{")"},
			},
			{
				always: true, indent: "        ", set: []setter{pythonLine("httpx.timeout", "timeout=%s,", false)},
				scope: "Client(", open: []string{"", "", "def client():", "    return httpx.Client(", "        limits=limits,"},
			},
			{
				indent: "                ", scope: "HTTPTransport(", set: sockets,
				open: []string{
					"        # A transport of its own takes no proxies from the environment.",
					"        transport=httpx.HTTPTransport(", "            limits=limits,", "            socket_options=[", "                " + nodelay,
				},
				shut: []string{"            ],", "        ),"},
			},
			{always: true, open: []string{"    )"}},
		},
	}
}

func pythonAiohttp() layout {
	sockets := pythonSockets("aiohttp")
	limits := []setter{
		pythonLine("aiohttp.keepalive_timeout", "keepalive_timeout=%s,", false),
		{knob: knob{param: "aiohttp.limit", line: "limit=%s,"}},
	}
	return layout{
		system: "aiohttp", name: "keeptune_aiohttp.py", mark: "aiohttp",
		use:    "from keeptune_aiohttp import session, and async with await session() as s.",
		effect: "Only requests of such a session have it.",
		parts: []part{
			{with: setterIDs(sockets), open: []string{"import socket", ""}},
			{always: true, open: []string{"import aiohttp", "", ""}},
			{
				indent: "        ", set: sockets,
				open: []string{
					"def probing(address):", "    family, kind, protocol, _, _ = address", "    s = socket.socket(family, kind, protocol)", "    for option in [",
				},
				shut: []string{"    ]:", "        s.setsockopt(*option)", "    return s", "", ""},
			},
			{
				always: true, indent: "        ", scope: "TCPConnector(", set: limits,
				open: []string{"async def session():", "    connector = aiohttp.TCPConnector("},
			},
			{with: setterIDs(sockets), open: []string{"        socket_factory=probing,"}},
			{
				always: true, indent: "        ", scope: "ClientTimeout(", set: []setter{{
					knob: knob{param: "aiohttp.total", line: "total=%s,", steps: bareSeconds, never: "None"}, decimal: true, whole: true,
				}},
				open: []string{"    )", "    timeout = aiohttp.ClientTimeout("}, shut: []string{"    )", "    return aiohttp.ClientSession(connector=connector, timeout=timeout)"},
			},
		},
	}
}
