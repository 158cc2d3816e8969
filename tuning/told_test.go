package tuning_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// What reaches a client: its server's hint, the one of the server behind a proxy that hands it
// on, or none.
func TestToldKeepAliveTimeout(t *testing.T) {
	c := model.Embedded()
	for path, want := range map[string]time.Duration{
		"undici > nginx":                   0,
		"undici > node":                    5 * time.Second,
		"undici > haproxy > node":          5 * time.Second,
		"undici > nginx > node":            0,
		"python-requests > varnish > node": 0,
		"undici > haproxy > fastify":       72 * time.Second,
		"undici > haproxy > nginx":         0,
		"undici > apache":                  5 * time.Second,
		"undici > apache > node":           5 * time.Second, // its own
		"aws-alb > tomcat":                 0,               // nobody knows whether it asks
	} {
		r, err := tuning.Analyze(document(t, c, path), tuning.NewEnv(c, 250))
		if err != nil {
			t.Fatal(err)
		}
		got, ok := r.Legs[0].Told()
		if !ok {
			got = 0
		}
		if got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}
