package overlay

import (
	"testing"

	"example.com/keeptune/model"
)

func TestTheMeantSystemComesFirst(t *testing.T) {
	all, err := model.Embedded().All()
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]model.SystemID{
		"ie": "ie", "IE": "ie", "internet explorer": "ie", "wininet": "ie", "apach": "apache", "httpd": "apache", "apcahe": "apache",
		"ngnx": "nginx", "nignx": "nginx", "nodejs": "node", "haproxy": "haproxy", "chorme": "chrome", "gosrv": "go-server",
	} {
		found := matches(all, nil, typed)
		if len(found) == 0 || found[0].ID != want {
			got := "nothing"
			if len(found) > 0 {
				got = string(found[0].ID)
			}
			t.Errorf("%q finds %s first, want %s", typed, got, want)
		}
	}
	if found := matches(all, nil, "zzzzqqq"); len(found) != 0 {
		t.Errorf("nonsense finds %s", found[0].ID)
	}
	if found := matches(all, []model.SystemID{"node", "curl"}, ""); found[0].ID != "node" || found[1].ID != "curl" {
		t.Errorf("recent systems are not first: %s, %s", found[0].ID, found[1].ID)
	}
}
