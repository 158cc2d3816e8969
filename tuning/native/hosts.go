package native

import "slices"

// hostSyntaxes are the formats of operating systems, of SSH, databases and
// browsers, and of what deploys to hosts.
func hostSyntaxes() []*syntax {
	return slices.Concat(
		[]*syntax{sysctl(), reg(), reg4(), powershell()},
		hostCommands(),
		[]*syntax{ssh(), sshd(), putty(), postgresql(), mariadb(), pgbouncer(), redis(), memcached(), rabbitmq(), mosquitto(), nats(), stunnel(), slapd(), firefox()},
		[]*syntax{docker(), kubernetes(), ansible()},
	)
}
