package native

import "example.com/keeptune/model"

// guzzle is a client in PHP; its curl options go to libcurl as they are.
func guzzle() *syntax {
	return codeSyntax(
		syntax{
			id: "guzzle", signs: []string{`<\?php[^\x00]*GuzzleHttp`},
			title: "PHP Guzzle: the options of a client", comment: slashes, top: []string{"<?php"},
			checks: []check{{"guzzle", "7.4", "php"}},
		},
		layout{
			system: "guzzle", name: "keeptune-guzzle.php", mark: "GuzzleHttp",
			use:    "$client = require 'keeptune-guzzle.php'. CURLOPT_MAXAGE_CONN needs PHP 8.2 or later.",
			effect: "Only requests of this client have it.",
			parts: []part{
				{
					always: true, indent: "    ", set: []setter{{knob: knob{param: "guzzle.timeout", line: "'timeout' => %s,", steps: bareSeconds}, decimal: true}},
					open: []string{"use GuzzleHttp\\Client;", "", "return new Client(["},
				},
				{
					indent: "        ", open: []string{"    'curl' => ["}, shut: []string{"    ],"},
					set: []setter{
						{knob: knob{param: "guzzle.CURLOPT_MAXAGE_CONN", line: "CURLOPT_MAXAGE_CONN => %s,", steps: bareSeconds}},
						{knob: knob{param: "guzzle.tcp_keepalive", line: "CURLOPT_TCP_KEEPALIVE => %s,", on: "1", off: "0"}},
						{knob: knob{param: "guzzle.tcp_keepidle", line: "CURLOPT_TCP_KEEPIDLE => %s,", steps: bareSeconds}},
						{knob: knob{param: "guzzle.tcp_keepintvl", line: "CURLOPT_TCP_KEEPINTVL => %s,", steps: bareSeconds}},
					},
				},
				{always: true, open: []string{"]);"}},
			},
		},
	)
}

// ruby is Net::HTTP, which reuses a connection inside of start only.
func ruby() *syntax {
	seconds := func(name string) setter {
		return setter{knob: knob{param: model.ParamID("ruby-net-http." + name), line: "http." + name + " = %s", steps: bareSeconds, never: "nil"}, decimal: true}
	}
	return codeSyntax(
		syntax{
			id:    "ruby",
			signs: []string{`Net::HTTP|require ['"]net/http`},
			title: "Ruby: Net::HTTP", comment: hash,
			checks: []check{{"ruby-net-http", "3.1", "ruby"}},
		},
		layout{
			system: "ruby-net-http", name: "keeptune_net_http.rb", mark: "Net::HTTP",
			use:    "require_relative 'keeptune_net_http', and send all requests to one host in KeepAlive.start(uri) { |http| ... }.",
			effect: "Only requests in such a block have it.",
			parts: []part{
				{
					always: true, indent: "    ", set: []setter{seconds("keep_alive_timeout"), seconds("read_timeout"), seconds("write_timeout")},
					open: []string{
						"require 'net/http'", "", "# KeepAlive opens connections with the settings of this file.", "module KeepAlive", "  def self.start(uri, &block)",
						"    http = Net::HTTP.new(uri.host, uri.port)", "    http.use_ssl = uri.scheme == 'https'",
					},
					shut: []string{"    http.start(&block)", "  end", "end"},
				},
			},
		},
	)
}

// cowboy is the HTTP server under Phoenix and others.
func cowboy() *syntax {
	return codeSyntax(
		syntax{
			id: "cowboy", signs: []string{`\bcowboy:start_(clear|tls)`},
			title: "Cowboy: protocol options in Erlang", comment: func(l string) string { return marked("%%", l) },
			unchecked: "Cowboy is not installed in the tests; the terms are read back and compared.",
		},
		layout{
			system: "cowboy", name: "keeptune_cowboy.erl", mark: "cowboy",
			use:    "Call keeptune_cowboy:start(Dispatch), or copy the options into your own start_clear or start_tls.",
			effect: "Connections that are open keep what they were opened with.",
			parts: []part{
				{always: true, open: []string{"-module(keeptune_cowboy).", "-export([start/1]).", "", "start(Dispatch) ->", "    cowboy:start_clear(http, [{port, 8080}], #{"}},
				{
					always: true, indent: "        ", shut: []string{"        env => #{dispatch => Dispatch}", "    })."},
					set: []setter{
						{knob: knob{param: "cowboy.request_timeout", line: "request_timeout => %s,", steps: bareMilliseconds, never: "infinity"}},
						{knob: knob{param: "cowboy.idle_timeout", line: "idle_timeout => %s,", steps: bareMilliseconds, never: "infinity"}},
						{knob: knob{param: "cowboy.max_keepalive", line: "max_keepalive => %s,", never: "infinity"}},
					},
				},
			},
		},
	)
}
