package host_test

import (
	"strings"
	"testing"

	"example.com/keeptune/tuning/host"
)

func TestContainerOfCgroup(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	for group, want := range map[string]string{
		"/system.slice/docker-" + id + ".scope":            "0123456789ab",
		"/docker/" + id:                                    "0123456789ab",
		"/machine.slice/libpod-" + id + ".scope/container": "0123456789ab",
		"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-" + id + ".scope": "0123456789ab",
		"/kubepods/besteffort/pod1-2/" + id:        "0123456789ab",
		"/docker/" + id[:63]:                       "",
		"/lxc.payload.web/init.scope":              "web",
		"/lxc/db":                                  "db",
		"/machine.slice/machine-build.scope":       "build",
		"/system.slice/nginx.service":              "",
		"/user.slice/user-0.slice/session-1.scope": "",
		"/": "",
	} {
		if got := host.Container(group); got != want {
			t.Errorf("%s is of container %q, not %q", group, got, want)
		}
	}
}
