package native

import (
	"time"

	"example.com/keeptune/model"
)

// libuvSeconds are milliseconds of which libuv hands whole seconds to the kernel.
var libuvSeconds = []step{{time.Second, "%s000"}}

// optionLine is a field of a JavaScript object, in milliseconds or a bare count.
func optionLine(id model.ParamID, name string, steps []step) setter {
	return setter{knob: knob{param: id, line: name + ": %s,", steps: steps}}
}

func undici() *syntax {
	return codeSyntax(
		syntax{
			id:    "undici",
			signs: []string{`(require\(|from )['"]undici['"]`},
			title: "undici: the Agent of fetch in Node.js", comment: slashes, top: []string{"'use strict';"},
			checks: []check{{"", "20.20", "node --check"}},
		},
		layout{
			system: "undici", name: "keeptune-undici.cjs", mark: "undici",
			use:    "require('./keeptune-undici.cjs') before the first fetch. It needs the npm package undici, and counts for the fetch built into Node.js, too.",
			effect: "Only connections made after it have it.",
			parts: []part{
				{always: true, open: []string{"const { Agent, setGlobalDispatcher } = require('undici');", "", "const agent = new Agent({"}, indent: "  ", set: []setter{
					optionLine("undici.keepAliveTimeout", "keepAliveTimeout", bareMilliseconds),
					optionLine("undici.keepAliveTimeoutThreshold", "keepAliveTimeoutThreshold", bareMilliseconds),
					optionLine("undici.keepAliveMaxTimeout", "keepAliveMaxTimeout", bareMilliseconds),
					optionLine("undici.headersTimeout", "headersTimeout", bareMilliseconds),
				}},
				{open: []string{"  connect: {"}, indent: "    ", shut: []string{"  },"}, set: []setter{
					optionLine("undici.tcp_keepalive", "keepAlive", nil),
					optionLine("undici.tcp_keepidle", "keepAliveInitialDelay", libuvSeconds),
				}},
				{always: true, open: []string{"});", "", "setGlobalDispatcher(agent);", "", "module.exports = { agent };"}},
			},
		},
	)
}

// nodeClient are clients on top of Node's http.Agent.
func nodeClient() *syntax {
	return codeSyntax(
		syntax{
			id:    "node-client",
			signs: []string{`(require\(|from )['"](agentkeepalive|axios)['"]`},
			title: "Node.js clients: agentkeepalive, axios", comment: slashes, top: []string{"'use strict';"},
			checks: []check{{"", "20.20", "node --check"}},
		},
		layout{
			system: "agentkeepalive", name: "keeptune-agentkeepalive.cjs", mark: "agentkeepalive",
			use:    "const { httpAgent, httpsAgent } = require('./keeptune-agentkeepalive.cjs'), and hand them to each request.",
			effect: "Only requests that are given these agents have it.",
			parts: []part{
				{always: true, open: []string{"const Agent = require('agentkeepalive');", "", "const options = {"}, indent: "  ", set: []setter{
					optionLine("agentkeepalive.freeSocketTimeout", "freeSocketTimeout", bareMilliseconds),
					optionLine("agentkeepalive.socketActiveTTL", "socketActiveTTL", bareMilliseconds),
					optionLine("agentkeepalive.maxFreeSockets", "maxFreeSockets", nil),
					optionLine("agentkeepalive.timeout", "timeout", bareMilliseconds),
					optionLine("agentkeepalive.tcp_keepidle", "keepAliveMsecs", libuvSeconds),
				}},
				{always: true, open: []string{
					"};", "", "module.exports = {", "  httpAgent: new Agent(options),", "  httpsAgent: new Agent.HttpsAgent(options),", "};",
				}},
			},
		},
		layout{
			system: "axios", name: "keeptune-axios.cjs", mark: "axios",
			use:    "const { client } = require('./keeptune-axios.cjs'), and send requests with client in place of axios.",
			effect: "Only requests of this client have it.",
			parts: []part{
				{always: true, open: []string{"const axios = require('axios');"}},
				{with: []model.ParamID{"axios.agent.timeout"}, open: []string{"const http = require('node:http');", "const https = require('node:https');"}},
				{
					scope: "Agent({", indent: "  ", set: []setter{optionLine("axios.agent.timeout", "timeout", bareMilliseconds)},
					open: []string{"", "const [httpAgent, httpsAgent] = [http, https].map((scheme) => new scheme.Agent({", "  keepAlive: true,"}, shut: []string{"}));"},
				},
				{always: true, open: []string{"", "const client = axios.create({"}},
				{with: []model.ParamID{"axios.agent.timeout"}, open: []string{"  httpAgent,", "  httpsAgent,"}},
				{always: true, indent: "  ", set: []setter{optionLine("axios.timeout", "timeout", bareMilliseconds)}},
				{always: true, open: []string{"});", "", "module.exports = { client };"}},
			},
		},
	)
}
