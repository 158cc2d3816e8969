package native_test

import (
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// Every format that the catalog names exists, and every system that lists one
// can be written in it.
func TestEveryCatalogFormatExists(t *testing.T) {
	all, err := model.Embedded().All()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		for _, id := range s.Formats {
			if _, err := native.Find(id); err != nil {
				t.Errorf("%s: %v", s.ID, err)
			}
		}
	}
}
