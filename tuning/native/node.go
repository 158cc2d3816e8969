package native

import (
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

const (
	nodeProbes model.ParamID = "node.tcp_keepalive"
	nodeDelay  model.ParamID = "node.tcp_keepidle"
	nodeFace                 = "node.upstream."
)

func node() *syntax {
	return &syntax{
		id:    "node",
		signs: []string{`keepAliveTimeout|http\.Agent|module\.exports`},
		title: "Node.js: options of http.Server and http.Agent", comment: slashes, fits: ofSystem("node"),
		checks: []check{{"node", "20.20", "node --check"}},
		top:    []string{"'use strict';"},
		effect: func(*target) []string {
			return []string{"A restart closes all connections; server.close() finishes requests first."}
		},
		exportFiles: []exportFile{{
			name: "keeptune-node.cjs",
			use:  "const { options, tune } = require('./keeptune-node.cjs'); tune(http.createServer(options, handler)). The agent is for http.request; https has an Agent of its own.",
			owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "node" },
			body: nodeBody,
		}},
		read: readNode,
	}
}

func nodeBody(p *page) error {
	var server, created, agent []item
	for _, it := range p.items {
		switch {
		case it.param().Face == model.FaceClient:
			agent = append(agent, it)
		case strings.HasPrefix(it.param().ID.Name(), "tcp_"):
			created = append(created, it)
		default:
			server = append(server, it)
		}
	}
	p.add("const options = {")
	if err := nodeFields(p, created); err != nil {
		return err
	}
	p.add("};", "", "function tune(server) {")
	for _, it := range server {
		text, err := p.number(it, p.product(), bareMilliseconds)
		if err != nil {
			return err
		}
		p.put("  ", it, "server."+strings.TrimPrefix(it.param().ID.Name(), "server.")+" = "+text+";")
	}
	p.add("  return server;", "}", "")
	if len(agent) == 0 {
		p.add("module.exports = { options, tune };")
		return nil
	}
	return nodeAgent(p, agent)
}

// nodeFields writes items as fields of an object.
func nodeFields(p *page, items []item) error {
	for _, it := range items {
		name := it.param().ID.Name()
		text, err := p.number(it, p.product(), bareMilliseconds)
		switch {
		case err != nil:
			return err
		case it.param().ID == nodeProbes, it.param().Role == model.RoleReuse:
			name, text = "keepAlive", onOff(it.value, "true", "false")
		case it.param().Role == model.RoleProbeIdle:
			if text, err = p.number(it, p.product(), bareSeconds); err != nil { // libuv hands whole seconds on
				return err
			}
			text += "000"
			name = "keepAliveMsecs"
			if it.param().ID == nodeDelay {
				name = "keepAliveInitialDelay"
			}
		}
		p.put("  ", it, name+": "+text+",")
	}
	return nil
}

// nodeAgent makes an agent. A new one keeps nothing and has no time limit, so
// what the global agent has is written, too.
func nodeAgent(p *page, agent []item) error {
	if p.undo && allGone(agent) {
		p.reasons("", agent...)
		p.add("module.exports = { options, tune };")
		return nil
	}
	p.add("const http = require('node:http');", "", "const agent = new http.Agent({")
	for _, id := range []model.ParamID{nodeFace + "keepAlive", nodeFace + "timeout"} {
		it := p.value(id)
		if len(p.has(id)) > 0 || it.row == nil {
			continue
		}
		it.why = []string{it.param().Name + " stays as in http.globalAgent."}
		if err := nodeFields(p, []item{it}); err != nil {
			return err
		}
	}
	if err := nodeFields(p, agent); err != nil {
		return err
	}
	p.add("});", "", "http.globalAgent = agent;", "", "module.exports = { options, tune, agent };")
	return nil
}

// readNode reads the fields of an agent apart from those of a server.
