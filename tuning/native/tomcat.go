package native

import (
	"encoding/xml"
	"slices"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

const (
	tomcatFace   model.ParamID = "tomcat."
	tomcatProbes model.ParamID = "tomcat.tcp_keepalive"
)

func tomcat() *syntax {
	return &syntax{
		id:    "tomcat",
		signs: []string{`<Connector\s|<Server\s+port=`},
		title: "Tomcat: attributes of a Connector in server.xml", comment: xmlComment, fits: ofSystem("tomcat"),
		checks: []check{{"tomcat", "10.1", "catalina.sh configtest"}},
		effect: func(*target) []string {
			return []string{"catalina.sh configtest, then a restart, which closes all connections."}
		},
		exportFiles: []exportFile{{
			name: "keeptune-connector.xml",
			use:  "Copy the attributes into your own Connector of server.xml, in place of those with the same name. The port is an example. Spring Boot has no server.xml: server.tomcat.* sets the same.",
			owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "tomcat" },
			body: tomcatBody,
		}},
		read: readTomcat,
	}
}

func tomcatBody(p *page) error {
	p.reasons("", p.items...)
	if allGone(p.items) {
		return nil
	}
	p.add(`<Connector port="8080" protocol="HTTP/1.1"`)
	for _, it := range p.items {
		if it.gone {
			continue
		}
		if it.param().ID == tomcatProbes {
			p.add(`           socket.soKeepAlive="` + onOff(it.value, "true", "false") + `"`)
			continue
		}
		text, err := p.number(it, p.product(), bareMilliseconds)
		if err != nil {
			return err
		}
		p.add("           " + it.param().ID.Name() + `="` + text + `"`)
	}
	p.add("           />")
	return nil
}

// tomcatProtocols are the connectors that speak HTTP/1.1.
var tomcatProtocols = []string{"", "HTTP/1.1", "org.apache.coyote.http11.Http11NioProtocol", "org.apache.coyote.http11.Http11Nio2Protocol", "org.apache.coyote.http11.Http11AprProtocol"}

// readTomcat reads every HTTP connector, each a context; those of AJP have the
// same names.
func readTomcat(r *reader, text string) {
	var connectors []*scope
	r.xmlTokens(text, func(part xmlToken) {
		if x, ok := part.Token.(xml.StartElement); ok && x.Name.Local == "Connector" {
			where := "Connector"
			for _, a := range x.Attr {
				if a.Name.Local == "port" {
					where = "Connector port " + a.Value
				}
			}
			s := r.scope(part.line, where, nil)
			s.system = "tomcat"
			r.in(s, func() {
				if r.tomcatConnector(part, x.Attr) {
					connectors = append(connectors, s)
				}
			})
		}
	})
	if len(connectors) == 1 {
		r.join(connectors[0], r.root)
		return
	}
	for _, s := range connectors {
		r.list(s, "")
	}
}

// tomcatConnector is false for a connector that does not speak HTTP.
func (r *reader) tomcatConnector(part xmlToken, attributes []xml.Attr) bool {
	for _, a := range attributes {
		if a.Name.Local == "protocol" && !slices.Contains(tomcatProtocols, a.Value) {
			return false
		}
	}
	for _, a := range attributes {
		line := part.attribute(a.Name.Local)
		switch a.Name.Local {
		case "keepAliveTimeout", "connectionTimeout", "maxKeepAliveRequests":
			r.set(line, tomcatFace+model.ParamID(a.Name.Local), a.Value)
		case "socket.soKeepAlive":
			r.take(line, tomcatProbes, model.Switch(a.Value == "true"))
		}
	}
	return true
}
