package tuning_test

import (
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A thread is what people reported, as a path: the rules that were to see it, the
// first with the remedy. A remedy is asked for where the finding costs anything.
type thread struct {
	name, path string
	set        []string
	rules      []string
	bare       string // why no setting of the path silences it; "" where one does
}

// Row by row the threads of the rules' origin; two have no path: nobody knew it, and
// a wish for a feature.
var threads = []thread{
	{"districtbuilder#448", "aws-alb > node@22.10", nil, []string{"ORD-1"}, ""},
	{"twenty#22327", "nginx@1.30.0 > node@22.10", nil, []string{"ORD-1"}, ""},
	{"node#27363", "aws-alb > node@16.20", []string{"node:keepAliveTimeout=65s"}, []string{"ORD-7"}, ""},
	{"growthbook-proxy#134", "aws-alb > node@18.20.8", []string{"leg1:grace=4s"}, []string{"ORD-1", "ORD-12"}, ""},
	{"medplum#2253", "aws-alb > node@20.20.2", nil, []string{"ORD-1"}, ""},
	{"boxel#6107", "aws-alb > node@22.10", []string{"aws-alb:idle_timeout=4000s"}, []string{"ORD-1"}, ""},
	{"fleet#51461", "aws-alb > go-server", []string{"aws-alb:idle_timeout=905s", "go-server:IdleTimeout=300s"}, []string{"ORD-1"}, ""},
	{"conbench#1156", "aws-alb > gunicorn", nil, []string{"ORD-1"}, ""},
	{"eq-survey-runner#2379", "gcp-alb > gunicorn", nil, []string{"ORD-1"}, ""},
	{"python-getting-started#261", "aws-alb > gunicorn", []string{"aws-alb:idle_timeout=90s"}, []string{"ORD-1"}, ""},
	{"notifications-admin#5385", "aws-alb > apache", []string{"apache:prefork=on", "apache:MaxRequestWorkers=256", "leg1:arrivals=41"}, []string{"CAP-5"}, ""},
	{"jetty.project#2306", "nginx@1.15.3 > jetty", []string{"nginx:nginx.upstream.keepalive=16"}, []string{"ORD-1"}, ""},
	{"envoy#14981", "envoy > node@20.20.2", nil, []string{"ORD-1"}, ""},
	{"traefik#3237", "traefik > node@20.20.2", []string{"leg1:posts=on"}, []string{"ORD-1", "ORD-8"}, ""},
	{"uvicorn#194", "nginx@1.30.0 > gunicorn-uvicorn", nil, []string{"EFF-7"}, ""},
	{"ray#54127", "nginx@1.30.0 > uvicorn", nil, []string{"ORD-1"}, ""},
	{"marin#2818", "aws-alb > uvicorn", []string{"leg1:period=5s"}, []string{"ORD-3"}, ""},
	{"paho.mqtt.c#724", "paho-mqtt > firewall > mosquitto", []string{"firewall:idle_timeout=60s", "paho-mqtt:keepalive=59s"}, []string{"MID-12"}, ""},
	{"node#47130", "nginx@1.30.0 > node@22.10", []string{"node:keepAliveTimeout=59500ms"}, []string{"ORD-2"}, ""},
	{"agentkeepalive#23", "node@20.20.2 > nginx@1.30.0", []string{"leg1:period=5s"}, []string{"ORD-3"}, ""},
	{"go#22158", "go-client > node@20.20.2", []string{"leg1:posts=on"}, []string{"ORD-8"}, ""},
	{"clickhouse-java#760", "apache-httpclient-4 > nginx@1.30.0", nil, []string{"ORD-4"}, ""},
	{"spring-cloud-gateway#1148", "reactor-netty > apache", nil, []string{"ORD-4"}, ""},
	{"reactor-netty#2263", "reactor-netty > tomcat", []string{"leg1:rate=20"}, []string{"ORD-9"}, ""},
	{"reactor-netty#1318", "reactor-netty > tomcat", nil, []string{"EFF-3"}, ""},
	{"haproxy#2334", "aws-alb > haproxy@2.6.12", []string{"haproxy:timeout http-keep-alive=20s", "haproxy:timeout client=10s"}, []string{"EFF-2"}, ""},
	{"nginx#437", "nginx@1.30.0 > nginx@1.30.0", []string{"leg1:reloads=on", "nginx-2:keepalive_timeout=75s"}, []string{"ORD-11"}, ""},
	{"nginx#1436", "chrome > nginx@1.29.7 > node", nil, []string{"EFF-6"}, ""},
	{"mccxj.github.io#24", "chrome > nginx@1.22.1 > node", []string{"nginx:nginx.upstream.keepalive=16", "nginx:proxy_http_version=off"}, []string{"EFF-5"}, ""},
	{"jinhailang#37", "curl > nginx@1.18.0", []string{"leg1:arrivals=200", "nginx:keepalive_timeout=300s"}, []string{"CAP-4"}, "arrivals are no setting"},
	{"kube-router#521", "libpq > ipvs > postgresql", []string{"libpq:tcp_keepidle=900s"}, []string{"MID-1", "MID-7"}, ""},
	{"kubernetes#71358", "libpq > postgresql", []string{"leg1:container=on", "postgresql:tcp_keepalive_time=300s"}, []string{"KA-2"}, ""},
	{"nsq#698", "chrome > nginx@1.30.0", []string{"nginx:tcp_keepalive_time=600"}, []string{"KA-1"}, ""},
	{"1541ultimate#728", "mqtt-js > mosquitto", []string{"mqtt-js:keepalive=off", "leg1:vanish=0.01"}, []string{"CAP-3"}, ""},
	{"hermes-webui#7105", "libpq > postgresql", []string{"leg1:write_every=5s", "libpq:tcp_keepidle=10s", "libpq:tcp_keepintvl=5s", "libpq:tcp_keepcnt=3"}, []string{"KA-6"}, ""},
	{"pgcat#503", "libpq > postgresql", []string{"leg1:notice=60s"}, []string{"KA-4"}, ""},
	{"druid#4440", "libpq > postgresql", []string{"leg1:notice=5m"}, []string{"KA-3"}, ""},
	{"npgsql#1555", "npgsql > aws-nlb > postgresql", []string{"leg1:slowest=30m", "npgsql:tcp_keepalive=off", "postgresql:tcp_keepalive=off"}, []string{"MID-11"}, ""},
	{"wstunnel#6", "mqtt-js > aws-nat-gateway > mosquitto", []string{"mqtt-js:keepalive=off"}, []string{"MID-6"}, ""},
	{"istio#36499", "chrome > nginx@1.30.0 > aws-nlb > nginx@1.30.0", []string{"nginx:nginx.tcp_keepalive=on", "nginx-2:keepalive_timeout=400s", "nginx:nginx.upstream.keepalive_timeout=390s"}, []string{"MID-5"}, ""},
	{"crate#10779", "libpq > azure-lb > postgresql", []string{"libpq:tcp_keepidle=300s"}, []string{"MID-1", "MID-8"}, ""},
	{"grpc-go#2202", "grpc-client > grpc-server", []string{"client:keepaliveTime=10s"}, []string{"KA-11"}, ""},
	{"superuser 529511", "putty/windows@7 > sshd", []string{"leg1:outage=60s", "putty:PingIntervalSecs=30"}, []string{"KA-7", "KA-14"}, ""},
	{"KB813827", "ie@11 > apache", nil, []string{"ORD-1"}, ""},
}

func TestThreads(t *testing.T) {
	c := model.Embedded()
	for _, x := range threads {
		t.Run(x.name, func(t *testing.T) {
			d, env := document(t, c, x.path, x.set...), tuning.NewEnv(c, 0)
			r, err := tuning.Analyze(d, env)
			if err != nil {
				t.Fatal(err)
			}
			r = tuning.Advised(d, env, r)
			for _, rule := range x.rules {
				f := found(r, rule, -1)
				if f == nil {
					var said []string
					for _, o := range r.Findings {
						said = append(said, o.Rule.ID+" "+o.Severity.String())
					}
					t.Errorf("%s does not fire; said are %q", rule, said)
					continue
				}
				if len(f.Remedies) == 0 {
					if !f.Calm() && x.bare == "" {
						t.Errorf("%s has no remedy: %q", rule, f.Because)
					}
					continue
				}
				after := d
				for _, e := range f.Remedies[0].Edits {
					if after, err = after.With(e, c); err != nil {
						t.Fatal(err)
					}
				}
				mended, err := tuning.Analyze(after, env)
				if err != nil {
					t.Fatal(err)
				}
				for _, still := range mended.Findings {
					if still.Rule == f.Rule && still.Leg == f.Leg && still.At[0] == f.At[0] && !still.Calm() {
						t.Errorf("%q leaves %s: %q", f.Remedies[0].Label, rule, still.Because)
					}
				}
				for _, o := range mended.Findings {
					if o.Severity == tuning.Error && found(r, o.Rule.ID, o.Leg) == nil {
						t.Errorf("%q brings %s: %q", f.Remedies[0].Label, o.Rule.ID, o.Because)
					}
				}
			}
		})
	}
	if len(threads) < 44 {
		t.Errorf("%d threads", len(threads))
	}
}
