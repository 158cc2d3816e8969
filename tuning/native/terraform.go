package native

import "example.com/keeptune/model"

// A resource is where Terraform has the timers of one product.
type resource struct {
	system model.SystemID
	kind   string   // aws_lb
	blocks []string // inside it, outermost first
	more   []string // attributes that it needs beside
	attrs  []attribute
	note   string // a sentence
}

// An attribute says a parameter, or the same one for both faces.
type attribute struct {
	name   string
	params []model.ParamID
}

// resources are named as in the providers' documentation: hashicorp/aws,
// azurerm and google, fastly/fastly, cloudflare/cloudflare 5.
var resources = []resource{
	{system: "aws-alb", kind: "aws_lb", attrs: []attribute{
		{"idle_timeout", []model.ParamID{"aws-alb.idle_timeout.timeout_seconds", "aws-alb.upstream.idle_timeout.timeout_seconds"}},
		{"client_keep_alive", []model.ParamID{"aws-alb.client_keep_alive.seconds"}},
	}},
	{system: "aws-classic-elb", kind: "aws_elb", attrs: []attribute{
		{"idle_timeout", []model.ParamID{"aws-classic-elb.ConnectionSettings.IdleTimeout", "aws-classic-elb.upstream.ConnectionSettings.IdleTimeout"}},
	}},
	{system: "aws-nlb", kind: "aws_lb_listener", attrs: []attribute{{"tcp_idle_timeout_seconds", []model.ParamID{"aws-nlb.tcp.idle_timeout.seconds"}}}},
	{system: "aws-gwlb", kind: "aws_lb_listener", attrs: []attribute{{"tcp_idle_timeout_seconds", []model.ParamID{"aws-gwlb.tcp.idle_timeout.seconds"}}}},
	{system: "aws-cloudfront", kind: "aws_cloudfront_distribution", blocks: []string{"origin", "custom_origin_config"}, attrs: []attribute{
		{"origin_keepalive_timeout", []model.ParamID{"aws-cloudfront.upstream.OriginKeepaliveTimeout"}},
		{"origin_read_timeout", []model.ParamID{"aws-cloudfront.upstream.OriginReadTimeout"}},
	}},
	{
		system: "aws-network-firewall", kind: "aws_networkfirewall_firewall_policy", blocks: []string{"firewall_policy", "stateful_engine_options", "flow_timeouts"},
		attrs: []attribute{{"tcp_idle_timeout_seconds", []model.ParamID{"aws-network-firewall.TcpIdleTimeoutSeconds"}}},
	},
	{system: "azure-lb", kind: "azurerm_lb_rule", attrs: []attribute{{"idle_timeout_in_minutes", []model.ParamID{"azure-lb.idleTimeoutInMinutes"}}}},
	{system: "azure-nat-gateway", kind: "azurerm_nat_gateway", attrs: []attribute{{"idle_timeout_in_minutes", []model.ParamID{"azure-nat-gateway.idleTimeoutInMinutes"}}}},
	{system: "azure-front-door", kind: "azurerm_cdn_frontdoor_profile", attrs: []attribute{
		{"response_timeout_seconds", []model.ParamID{"azure-front-door.upstream.originResponseTimeoutSeconds"}},
	}},
	{
		system: "gcp-alb", kind: "google_compute_target_https_proxy", attrs: []attribute{{"http_keep_alive_timeout_sec", []model.ParamID{"gcp-alb.httpKeepAliveTimeoutSec"}}},
		note: " google_compute_target_http_proxy has the same attribute." + classicALB,
	},
	{system: "gcp-cloud-nat", kind: "google_compute_router_nat", attrs: []attribute{
		{"tcp_established_idle_timeout_sec", []model.ParamID{"gcp-cloud-nat.tcpEstablishedIdleTimeoutSec"}},
	}},
	{system: "fastly", kind: "fastly_service_vcl", blocks: []string{"backend"}, attrs: []attribute{
		{"keepalive_time", []model.ParamID{"fastly.upstream.keepalive_time"}},
	}},
	{system: "cloudflare", kind: "cloudflare_zone_setting", more: []string{`  setting_id = "proxy_read_timeout"`}, attrs: []attribute{
		{"value", []model.ParamID{"cloudflare.upstream.proxy_read_timeout"}},
	}},
}

func terraform() *syntax {
	var files []lineFile
	for _, r := range resources {
		files = append(files, r.file())
	}
	return lineFormat(syntax{
		id:    "terraform",
		signs: []string{`(?m)^\s*resource "(aws|azurerm|google|fastly|cloudflare)_\w+" "`},
		title: "Terraform, OpenTofu: timers of load balancers, NAT and CDN", comment: hash,
		unchecked: "The tests have no provider and no account; the file is parsed as HCL, and its names are those of the providers' documentation.",
		effect: func(*target) []string {
			return []string{"terraform plan must show a change in place; then terraform apply."}
		},
		read: readTerraform, bears: terraformBears,
	}, "", files...)
}

func (r *resource) file() lineFile {
	sh := lineFile{
		name: "keeptune-" + string(r.system) + ".tf", system: r.system, reset: true,
		use:    "Copy the attributes into your own " + r.kind + " resource; what else it needs is not repeated here." + r.note,
		head:   append([]string{"resource \"" + r.kind + "\" \"NAME\" {"}, r.more...),
		indent: "  ",
	}
	for _, b := range r.blocks {
		sh.head = append(sh.head, sh.indent+b+" {")
		sh.tail = append([]string{sh.indent + "}"}, sh.tail...)
		sh.indent += "  "
	}
	sh.tail = append(sh.tail, "}")
	for _, a := range r.attrs {
		for _, id := range a.params {
			sh.knobs = append(sh.knobs, knob{param: id, line: a.name + " = %s"})
		}
	}
	return sh
}
