package native_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// Only where mode http is said HTTP is spoken.
func TestListenersOfHAProxy(t *testing.T) {
	const text = `defaults plain
 timeout client 10s
 timeout server 10s
defaults web
 mode http
 timeout client 10s
 timeout server 10s
frontend db from plain
 mode tcp
 bind :3306
 default_backend b
frontend unsaid from plain
 bind :3307
 default_backend b
frontend inherits from web
 bind :80
 default_backend c
backend b from plain
 mode tcp
 server a 127.0.0.1:1
backend c from web
 server a 127.0.0.1:1
listen both from plain
 mode http
 bind 127.0.0.1:81
 server a 127.0.0.1:2
`
	im, err := native.OpenAny(native.Source{Name: "haproxy.cfg", Data: []byte(text)}, model.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, c := range im.Contexts {
		for _, at := range c.Listens {
			got[at] = c.HTTP
		}
	}
	if d := cmp.Diff(map[string]bool{"*:3306": false, "*:3307": false, "*:80": true, "127.0.0.1:81": true}, got); d != "" {
		t.Error(d)
	}
}
