package model_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/model"
)

// The top of each file says the same as the whole file.
func TestEntriesAreThoseOfTheWholeFiles(t *testing.T) {
	entries, err := model.Embedded().Entries()
	if err != nil {
		t.Fatal(err)
	}
	all, err := model.Embedded().All()
	if err != nil {
		t.Fatal(err)
	}
	var want []*model.Entry
	for _, s := range all {
		want = append(want, s.Entry())
	}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Error(diff)
	}
}

// A user's file is read whole, so that a list tells what is wrong with it.
func TestEntriesTellBrokenFiles(t *testing.T) {
	c := model.Embedded().With("mine", fstest.MapFS{
		"broken.toml": {Data: []byte("id = \"broken\"\n")},
		"nginx.toml":  {Data: []byte("id = \"nginx\"\nname = \"ours\"\nkind = \"os\"\nassume = \"1\"\nknown = [\"1\"]\n")},
	})
	entries, err := c.Entries()
	if err == nil {
		t.Error("nothing is said of the broken file")
	}
	for _, e := range entries {
		if e.ID == "broken" {
			t.Error("the broken file is listed")
		}
		if e.ID == "nginx" && (e.Name != "ours" || e.Origin != "mine/nginx.toml" || e.Both()) {
			t.Errorf("nginx is %+v, not the user's", e)
		}
	}
}

func BenchmarkCatalogList(b *testing.B) {
	for b.Loop() {
		if _, err := unread().Entries(); err != nil {
			b.Fatal(err)
		}
	}
}
