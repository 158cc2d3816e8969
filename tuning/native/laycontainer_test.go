package native_test

import (
	"slices"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// TestContainersLay lays each service over the hop of its own program, its
// sysctls too; a service of which nothing but its host is known gets a hop only
// where no other does, or by name.
func TestContainersLay(t *testing.T) {
	c := model.Embedded()
	const compose = `services:
  api:
    image: registry.example/api
    sysctls: [net.ipv4.tcp_keepalive_time=60]
    command: uvicorn app:app --timeout-keep-alive 75
  web:
    image: nginx:1.28
    sysctls: [net.ipv4.tcp_keepalive_time=300]
  jobs:
    image: registry.example/jobs
    sysctls: [net.ipv4.tcp_keepalive_time=30]
`
	whole, err := native.ImportAny("compose.yaml", []byte(compose), c)
	if err != nil {
		t.Fatal(err)
	}
	const time model.ParamID = "linux.tcp_keepalive_time"
	for _, tt := range []struct {
		path, where, end string
		at               model.EndpointID
		want             string // the time of the host; empty: not set
		left             []int  // lines
	}{
		{"chrome > nginx", "", "", "nginx", "5m", []int{4, 5, 11}},
		{"nginx > uvicorn", "", "", "uvicorn", "1m", []int{11}},
		{"nginx > uvicorn", "", "", "nginx", "5m", []int{11}},
		{"chrome > nginx", "service jobs", "nginx", "nginx", "30s", nil},
		{"chrome/windows > nginx", "service jobs", "", "nginx", "30s", nil},
		{"chrome > node", "", "node", "node", "30s", []int{4, 5, 8}},
		{"chrome > nginx", "service api", "", "nginx", "", []int{4, 5}},
	} {
		im := whole
		if tt.where != "" {
			if im, _, err = whole.Pick([]string{tt.where}); err != nil {
				t.Fatal(err)
			}
		}
		lays, err := im.Lay(document(t, c, tt.path), tt.end, c)
		if err != nil || len(lays) != 1 {
			t.Errorf("%s: %v, %d layings", tt.path, err, len(lays))
			continue
		}
		p := lays[0].Document.Path
		got := p.Endpoints[p.Index(tt.at)].Settings[time].Value
		if said := got.IsSet(); said != (tt.want != "") || said && got.String() != tt.want {
			t.Errorf("%s: %s of %s is %s, not %q", tt.path, time, tt.at, got, tt.want)
		}
		var left []int
		for _, l := range lays[0].Left {
			left = append(left, l.Line)
		}
		if !slices.Equal(left, tt.left) {
			t.Errorf("%s: left %v, not %v", tt.path, lays[0].Left, tt.left)
		}
	}
	// A service without sysctls has the kernel's defaults: it is one of the ways, too.
	im, err := native.ImportAny("compose.yaml", []byte(compose+"  site:\n    image: nginx:1.29\n"), c)
	if err != nil {
		t.Fatal(err)
	}
	lays, err := im.Lay(document(t, c, "chrome > nginx"), "", c)
	if err != nil || len(lays) != 2 || lays[1].Chosen[0].Where != "service site" {
		t.Errorf("%v, %+v", err, lays)
	}
}
