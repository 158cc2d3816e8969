package native

import (
	"fmt"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// apacheSteps: ap_timeout_parameter_parse knows ms (httpd:server/util.c).
var apacheSteps = []step{{time.Second, ""}, {time.Millisecond, "ms"}}

// apacheWorkers is ServerLimit 16 x ThreadsPerChild 25 (httpd:server/mpm/event/event.c).
const apacheWorkers = 400

func apache() *syntax {
	return &syntax{
		id:    "apache",
		signs: []string{`(?mi)^\s*(KeepAlive\w*\s|MaxKeepAliveRequests\s|<(VirtualHost|If(Module|Define|Version)|Directory|Location|Proxy|Macro)(Match)?\s|Listen\s|ServerName\s|Proxy(Pass\w*|Set|Timeout)\s|BalancerMember\s|LoadModule\s|RequestReadTimeout\s)`},
		title: "Apache httpd: server config lines", comment: hash, fits: ofSystem("apache"),
		checks: []check{{"apache", "2.4.71", "apachectl configtest"}},
		effect: func(*target) []string {
			return []string{
				"apachectl configtest && apachectl graceful. Requests at work are finished; idle connections are closed.",
			}
		},
		exportFiles: []exportFile{{
			name: "keeptune-apache.conf",
			use:  "Include it in the server config, or copy the lines into a <VirtualHost>. The first virtual host of an address decides where the others say nothing.",
			owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "apache" },
			body: apacheBody,
		}},
		read: readApache, notes: true, bears: apacheBearsLine,
		places: []string{"/etc/apache2/apache2.conf", "/etc/httpd/conf/httpd.conf", "/usr/local/apache2/conf/httpd.conf"},
	}
}

func apacheBody(p *page) error {
	var worker []item
	for _, it := range p.items {
		steps := bareSeconds
		name := it.param().ID.Name()
		switch {
		case it.param().Face == model.FaceClient && (name == "ttl" || name == "enablereuse" || name == "tcp_keepalive"):
			worker = append(worker, it)
			continue
		case it.param().Shape() == model.ShapeSwitch:
			p.put("", it, name+" "+onOff(it.value, "On", "Off"))
			continue
		case name == "KeepAliveTimeout":
			steps = apacheSteps
		}
		text, err := p.number(it, p.product(), steps)
		if err != nil {
			return err
		}
		if name == "RequestReadTimeout" {
			p.reasons("", it)
			if !it.gone {
				p.add("<IfModule mod_reqtimeout.c>", "    RequestReadTimeout header="+text, "</IfModule>")
			}
			continue
		}
		if n, ok := it.value.Count(); name == "MaxRequestWorkers" && ok && n > apacheWorkers && !p.undo {
			p.note(fmt.Sprintf("Apache cuts MaxRequestWorkers to ServerLimit x ThreadsPerChild, %d unless they are raised; under prefork to ServerLimit, 256.", apacheWorkers))
		}
		p.put("", it, name+" "+text)
	}
	if len(worker) == 0 {
		return nil
	}
	return writeApacheWorker(p, worker)
}

// writeApacheWorker writes the parameters of a backend connection. ttl is a whole
// number of seconds (httpd:modules/proxy/mod_proxy.c set_worker_param).
func writeApacheWorker(p *page, worker []item) error {
	p.gap()
	p.reasons("", worker...)
	if allGone(worker) {
		return nil
	}
	p.say("", "The address is an example: write that of your own ProxyPass line.")
	var words []string
	for _, it := range worker {
		switch {
		case it.gone:
		case it.param().ID.Name() == "enablereuse":
			words = append(words, "enablereuse="+onOff(it.value, "On", "Off"))
		case it.param().Shape() == model.ShapeSwitch:
			words = append(words, "keepalive="+onOff(it.value, "On", "Off"))
		case it.value == model.ValueNever:
			return p.cannot(it.row, it.value, p.product(), "ttl= takes at least 1 s; leave it out for no limit")
		default:
			text, err := p.number(it, p.product(), bareSeconds)
			if err != nil {
				return err
			}
			words = append(words, "ttl="+text)
		}
	}
	p.add("<IfModule mod_proxy.c>", `    <Proxy "http://127.0.0.1:8080/">`, "        ProxySet "+strings.Join(words, " "), "    </Proxy>", "</IfModule>")
	return nil
}
