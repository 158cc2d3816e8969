package native

import (
	"strings"
	"time"

	"example.com/keeptune/model"
)

var rustSpans = []step{{time.Second, "Duration::from_secs(%s)"}, {time.Millisecond, "Duration::from_millis(%s)"}}

func rust() *syntax {
	return codeSyntax(
		syntax{
			id:    "rust",
			signs: []string{`\b(reqwest|hyper|actix_web)::`},
			title: "Rust: reqwest, hyper, Actix Web", comment: slashes,
			unchecked: "No current reqwest, hyper or Actix Web is packaged for Debian 12; the calls are read back and compared.",
		},
		rustReqwest(), rustHyper(), rustActix(),
	)
}

// rustCall is a call of a builder.
func rustCall(param model.ParamID, line string, steps []step, never string) setter {
	return setter{knob: knob{param: param, line: line, steps: steps, never: never}}
}

func rustReqwest() layout {
	id := func(name string) model.ParamID { return model.ParamID("reqwest." + name) }
	return layout{
		system: "reqwest", name: "keepalive_client.rs", mark: "reqwest",
		use:    "Add it as a module; keepalive_client::client() makes a client. Make one and clone it.",
		effect: "Only requests of this client have it.",
		parts: []part{
			{
				always: true, indent: "        ", set: []setter{
					rustCall(id("pool_idle_timeout"), ".pool_idle_timeout(%s)", rustSpans, "None::<Duration>"),
					rustCall(id("pool_max_idle_per_host"), ".pool_max_idle_per_host(%s)", nil, "usize::MAX"),
					rustCall(id("timeout"), ".timeout(%s)", rustSpans, ""),
				},
				open: []string{"use std::time::Duration;", "", "pub fn client() -> reqwest::Result<reqwest::Client> {", "    reqwest::Client::builder()"},
			},
			{
				indent: "        ", body: rustProbes, read: readRustProbes,
				set: []setter{{knob: knob{param: rustOn}}, rustCall(rustIdle, ".tcp_keepalive(%s)", rustSpans[:1], "")},
			},
			{indent: "        ", set: []setter{
				rustCall(id("tcp_keepintvl"), ".tcp_keepalive_interval(%s)", rustSpans[:1], ""),
				rustCall(id("tcp_keepcnt"), ".tcp_keepalive_retries(%s)", nil, ""),
				rustCall(id("tcp_user_timeout"), ".tcp_user_timeout(%s)", rustSpans, ""),
			}},
			{always: true, open: []string{"        .build()", "}"}},
		},
	}
}

const (
	rustOn   model.ParamID = "reqwest.tcp_keepalive"
	rustIdle model.ParamID = "reqwest.tcp_keepidle"
	rustNone               = "None::<Duration>"
)

// rustProbes writes the one call that switches probes on and sets the first.
func rustProbes(p *page, pt *part) error {
	on, idle := p.value(rustOn), p.value(rustIdle)
	switch {
	case on.value == model.ValueOff && len(p.has(rustIdle)) == 1 && !idle.gone:
		return p.cannot(idle.row, idle.value, p.product(), "probes are off, so there is nowhere to write it; set tcp_keepalive=on, too")
	case on.value == model.ValueOff:
		p.put(pt.indent, on, ".tcp_keepalive("+rustNone+")")
		return nil
	case p.undo && allGone(p.has(rustIdle)):
		p.reasons(pt.indent, p.has(pt.ids()...)...)
		return nil
	case len(p.has(rustIdle)) == 0 && (idle.row == nil || idle.row.Via != nil || !idle.value.IsSet()):
		return p.cannot(on.row, on.value, p.product(), "it takes the time of the first probe; set tcp_keepidle, too")
	}
	p.reasons(pt.indent, p.has(rustOn)...)
	idle.gone = false
	text, err := p.setterText(idle, &pt.set[1])
	if err != nil {
		return err
	}
	p.put(pt.indent, idle, ".tcp_keepalive("+text+")")
	return nil
}

func readRustProbes(r *reader, _ *part, text string) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		value, ok := strings.CutPrefix(strings.TrimSpace(line), ".tcp_keepalive(")
		switch {
		case !ok:
		case strings.HasPrefix(value, "None"):
			r.take(n, rustOn, model.ValueOff)
		default:
			set := rustCall(rustIdle, ".tcp_keepalive(%s)", rustSpans[:1], "")
			if r.codeValue(n, &set, value, `\)`) {
				r.take(n, rustOn, model.ValueOn)
			} else {
				r.warn(n, "%s is not understood", strings.TrimSpace(line))
			}
		}
	}
}

func rustHyper() layout {
	return layout{
		system: "hyper", name: "keepalive_server.rs", mark: "hyper",
		use:    "Add it as a module and serve connections with keepalive_server::builder(). It needs hyper-util with the feature tokio.",
		effect: "Only connections served by this builder have it.",
		parts: []part{{
			always: true, indent: "    ", set: []setter{
				rustCall("hyper.keep_alive", "builder.keep_alive(%s);", nil, ""),
				rustCall("hyper.header_read_timeout", "builder.header_read_timeout(%s);", []step{
					{time.Second, "std::time::Duration::from_secs(%s)"}, {time.Millisecond, "std::time::Duration::from_millis(%s)"},
				}, ""),
			},
			open: []string{
				"use hyper::server::conn::http1;", "use hyper_util::rt::TokioTimer;", "", "pub fn builder() -> http1::Builder {",
				"    let mut builder = http1::Builder::new();", "    builder.timer(TokioTimer::new());",
			},
			shut: []string{"    builder", "}"},
		}},
	}
}

func rustActix() layout {
	spans := []step{{time.Second, "std::time::Duration::from_secs(%s)"}, {time.Millisecond, "std::time::Duration::from_millis(%s)"}}
	keep := rustCall("actix-web.keep_alive", ".keep_alive(%s)", spans, "actix_web::http::KeepAlive::Os")
	keep.off = "actix_web::http::KeepAlive::Disabled"
	return layout{
		system: "actix-web", name: "keepalive_server.rs", mark: "actix_web",
		use:    "Add it as a module, before those that use it; tuned!(HttpServer::new(...)) is a server with the settings of this file.",
		effect: "Only servers in this macro have it.",
		parts: []part{{
			always: true, indent: "            ", set: []setter{keep, rustCall("actix-web.client_request_timeout", ".client_request_timeout(%s)", spans, "")},
			open: []string{
				"macro_rules! tuned {", "    ($server:expr) => {{", "        let server: actix_web::HttpServer<_, _, _, _> = $server;", "        server",
			},
			shut: []string{"    }};", "}"},
		}},
	}
}
