package native

import "slices"

// hostSyntaxes are the formats of operating systems and browsers, of SSH and
// databases, of what deploys to hosts, and of devices between them.
func hostSyntaxes() []*syntax {
	return slices.Concat(
		[]*syntax{sysctl(), reg(), reg4(), powershell(), iisAppcmd(), netsh()},
		hostCommands(),
		[]*syntax{docker(), kubernetes(), ansible()},
		[]*syntax{ssh(), sshd(), putty(), postgresql(), redis(), firefox()},
		devices(), []*syntax{terraform()}, clouds(),
	)
}
