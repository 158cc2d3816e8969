package livetest_test

import (
	"slices"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// What a target speaks is a protocol of the catalog, that of each scheme.
func TestTargetsSpeakAsTheCatalogSays(t *testing.T) {
	all, err := model.Embedded().All()
	if err != nil {
		t.Fatal(err)
	}
	for scheme, want := range map[string]string{"": "http", "http": "http", "https": "http", "ws": "http", "grpc": "http", "tcp": "", "postgresql": "postgresql", "valkey": "redis", "mariadb": "mysql"} {
		if got := (livetest.Target{Scheme: scheme}).Speaks(); got != want {
			t.Errorf("%q speaks %q, want %q", scheme, got, want)
		}
	}
	for _, scheme := range livetest.Schemes() {
		speaks := livetest.Target{Scheme: scheme}.Speaks()
		if speaks != "" && !slices.ContainsFunc(all, func(s *model.System) bool { return s.Protocol == speaks }) {
			t.Errorf("%s speaks %q, which no system of the catalog does", scheme, speaks)
		}
	}
}
