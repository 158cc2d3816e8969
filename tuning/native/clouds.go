package native

import "example.com/keeptune/model"

// classicALB is what Google says of its older load balancer.
const classicALB = " A classic Application Load Balancer cannot be set."

// clouds are the command lines of cloud providers.
func clouds() []*syntax {
	const unchecked = "The tests have no account; the command is compared with a fixture, and its options with the provider's manual."
	file := func(system, file string, knobs ...knob) lineFile {
		return lineFile{
			name: file, system: model.SystemID(system), reset: true, runs: true, knobs: knobs,
			use: "Words in capitals are for you to fill in. The next terraform apply takes it back where Terraform owns the resource: use --to terraform there.",
		}
	}
	const albLine = "aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN --attributes Key="
	const listenerLine = "aws elbv2 modify-listener-attributes --listener-arn ARN --attributes Key=tcp.idle_timeout.seconds,Value=%s"
	const classicLine = "aws elb modify-load-balancer-attributes --load-balancer-name NAME --load-balancer-attributes ConnectionSettings={IdleTimeout=%s}"
	proxies := file("gcp-alb", "keeptune-gcp-alb.sh", knob{
		param: "gcp-alb.httpKeepAliveTimeoutSec",
		line:  "gcloud compute target-https-proxies update NAME --http-keep-alive-timeout-sec=%s",
	})
	proxies.use += " For a target HTTP proxy write target-http-proxies and add --url-map=MAP, the map that it has; for a regional proxy add --region=REGION." + classicALB
	return []*syntax{
		lineFormat(syntax{
			id:    "aws-cli",
			signs: []string{`\baws (elbv2|elb|ec2) modify-`},
			title: "AWS: aws commands", comment: hash, unchecked: unchecked, where: after("resource", "--load-balancer-arn", "--listener-arn", "--load-balancer-name", "--network-interface-id"),
		}, "=,{}",
			file("aws-alb", "keeptune-aws.sh",
				knob{param: "aws-alb.idle_timeout.timeout_seconds", line: albLine + "idle_timeout.timeout_seconds,Value=%s"},
				knob{param: "aws-alb.upstream.idle_timeout.timeout_seconds", line: albLine + "idle_timeout.timeout_seconds,Value=%s"},
				knob{param: "aws-alb.client_keep_alive.seconds", line: albLine + "client_keep_alive.seconds,Value=%s"}),
			file("aws-nlb", "keeptune-aws-nlb.sh", knob{param: "aws-nlb.tcp.idle_timeout.seconds", line: listenerLine}),
			file("aws-gwlb", "keeptune-aws-gwlb.sh", knob{param: "aws-gwlb.tcp.idle_timeout.seconds", line: listenerLine}),
			file("aws-classic-elb", "keeptune-aws-elb.sh",
				knob{param: "aws-classic-elb.ConnectionSettings.IdleTimeout", line: classicLine},
				knob{param: "aws-classic-elb.upstream.ConnectionSettings.IdleTimeout", line: classicLine}),
			file("aws-security-group", "keeptune-aws-eni.sh", knob{
				param: "aws-security-group.TcpEstablishedTimeout",
				line:  "aws ec2 modify-network-interface-attribute --network-interface-id ENI --connection-tracking-specification TcpEstablishedTimeout=%s",
			}),
		),
		lineFormat(syntax{
			id:    "az-cli",
			signs: []string{`\baz (network|afd) .*\bupdate\b`},
			title: "Azure: az commands", comment: hash, unchecked: unchecked, where: after("resource", "--name", "--profile-name"),
		}, "=",
			file("azure-lb", "keeptune-azure-lb.sh", knob{
				param: "azure-lb.idleTimeoutInMinutes",
				line:  "az network lb rule update --resource-group GROUP --lb-name LB --name RULE --idle-timeout %s",
			}),
			file("azure-nat-gateway", "keeptune-azure-nat.sh", knob{
				param: "azure-nat-gateway.idleTimeoutInMinutes",
				line:  "az network nat gateway update --resource-group GROUP --name NAME --idle-timeout %s",
			}),
			file("azure-front-door", "keeptune-azure-afd.sh", knob{
				param: "azure-front-door.upstream.originResponseTimeoutSeconds",
				line:  "az afd profile update --resource-group GROUP --profile-name NAME --origin-response-timeout-seconds %s",
			}),
		),
		lineFormat(syntax{
			id: "gcloud", signs: []string{`\bgcloud compute `},
			title: "Google Cloud: gcloud commands", comment: hash, unchecked: unchecked, where: after("resource", "update"),
		}, "=",
			proxies,
			file("gcp-cloud-nat", "keeptune-gcp-nat.sh", knob{
				param: "gcp-cloud-nat.tcpEstablishedIdleTimeoutSec",
				line:  "gcloud compute routers nats update NAT --router=ROUTER --region=REGION --tcp-established-idle-timeout=%s",
			}),
		),
	}
}
