package model_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
)

// place is ENDPOINT=ADDRESS:PORT.
func place(text string) model.Place {
	name, addr, _ := strings.Cut(text, "=")
	return model.Place{Endpoint: model.EndpointID(name), Addr: netip.MustParseAddrPort(addr)}
}

func placed(t *testing.T, path string, all ...string) model.Document {
	t.Helper()
	c := model.Embedded()
	p, err := model.ParsePath(path, c)
	if err != nil {
		t.Fatal(err)
	}
	d := model.Document{Path: p}
	for _, text := range all {
		if d, err = d.With(model.SetPlace{Place: place(text)}, c); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func placesOf(d model.Document) []string {
	var all []string
	for _, p := range d.Places {
		all = append(all, fmt.Sprintf("%s=%s", p.Endpoint, p.Addr))
	}
	return all
}

// A server is at one address, and an address is of one server; many are none of the path's.
func TestPlaces(t *testing.T) {
	const nginx, node, none = "nginx=10.0.0.5:443", "node=[fe80::1]:3000", "=10.0.0.9:80"
	for _, tt := range []struct {
		name       string
		said, want []string
	}{
		{"each", []string{nginx, node, none}, []string{nginx, node, none}},
		{"another address", []string{nginx, none, "nginx=10.0.0.6:443"}, []string{none, "nginx=10.0.0.6:443"}},
		{"another port", []string{nginx, "node=10.0.0.5:444"}, []string{nginx, "node=10.0.0.5:444"}},
		{"another server", []string{nginx, "node=10.0.0.5:443"}, []string{"node=10.0.0.5:443"}},
		{"none after all", []string{nginx, none, "=10.0.0.5:443"}, []string{none, "=10.0.0.5:443"}},
		{"one after all", []string{none, "nginx=10.0.0.9:80"}, []string{"nginx=10.0.0.9:80"}},
		{"IPv4 in IPv6", []string{"nginx=[::ffff:10.0.0.5]:443"}, []string{nginx}},
	} {
		d := placed(t, "chrome > nginx > node", tt.said...)
		if got := placesOf(d); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		data := model.EncodeDocument(d)
		back, err := model.DecodeDocument("s.toml", data, model.Embedded())
		if err != nil || !back.Equal(d) {
			t.Errorf("%s: %v\n%s\n%+v", tt.name, err, data, back)
		}
	}
	if a, b := placed(t, "chrome > nginx", nginx), placed(t, "chrome > nginx", "=10.0.0.5:443"); a.Equal(b) {
		t.Error("another place is no difference")
	}
}

// What was said of one hop never speaks of another that gets its name.
func TestPlacesFollowTheirHops(t *testing.T) {
	c := model.Embedded()
	endpoint := func(text string) model.Endpoint {
		e, err := model.ParseEndpoint(text, c)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	for _, tt := range []struct {
		name string
		edit model.Edit
		want []string
	}{
		{"the hop goes", model.Remove{Index: 2}, []string{"=10.0.0.9:80"}},
		{"the one before goes", model.Remove{Index: 1}, []string{"nginx=10.0.0.2:80", "=10.0.0.9:80"}},
		{"one comes before", model.Insert{Index: 1, Endpoint: endpoint("nginx")}, []string{"nginx-3=10.0.0.2:80", "=10.0.0.9:80"}},
		{"it moves", model.Move{Index: 1}, []string{"nginx=10.0.0.2:80", "=10.0.0.9:80"}},
		{"another version", model.Choose{Index: 2, Endpoint: endpoint("nginx@1.28.0")}, []string{"nginx-2=10.0.0.2:80", "=10.0.0.9:80"}},
		{"another system", model.Choose{Index: 2, Endpoint: endpoint("haproxy")}, []string{"=10.0.0.9:80"}},
		{"another document", model.Replace{Document: model.Document{Path: placed(t, "chrome > node").Path, Places: []model.Place{place("nginx=10.0.0.2:80")}}}, nil},
		{"another that has it", model.Replace{Document: placed(t, "chrome > node", "node=10.0.0.7:80")}, []string{"node=10.0.0.7:80"}},
	} {
		d, err := placed(t, "chrome > nginx > nginx > node", "nginx-2=10.0.0.2:80", "=10.0.0.9:80").With(tt.edit, c)
		if err != nil {
			t.Fatal(err)
		}
		if got := placesOf(d); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestABadPlaceIsRefused(t *testing.T) {
	c := model.Embedded()
	data := string(model.EncodeDocument(placed(t, "chrome > nginx", "nginx=10.0.0.5:443")))
	for was, tt := range map[string]struct{ is, want string }{
		`"nginx"`:        {`"apache"`, `the path has no endpoint "apache"; it is chrome > nginx`},
		"10.0.0.5:443":   {"10.0.0.5", `"10.0.0.5" is no address with a port, such as 10.0.0.5:443`},
		`"10.0.0.5:443"`: {`"[fe80::1%eth0]:443"`, `"[fe80::1%eth0]:443" is no address with a port, such as 10.0.0.5:443`},
		"address = ":     {"addr = ", "addr"},
	} {
		i := strings.Index(data, "[[place]]")
		_, err := model.DecodeDocument("s.toml", []byte(data[:i]+strings.Replace(data[i:], was, tt.is, 1)), c)
		if err == nil || !strings.HasPrefix(err.Error(), "s.toml:") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	if _, err := placed(t, "chrome > nginx").With(model.SetPlace{}, c); err == nil {
		t.Error("no address is taken")
	}
	d := placed(t, "chrome > nginx")
	var err error
	for i := range 1001 {
		addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 1}), uint16(i+1))
		if d, err = d.With(model.SetPlace{Place: model.Place{Addr: addr}}, c); (err != nil) != (i == 1000) {
			t.Fatalf("place %d: %v", i+1, err)
		}
	}
}
