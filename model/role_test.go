package model_test

import (
	"regexp"
	"testing"

	"example.com/keeptune/model"
)

// The first screen shows TCP's settings by what they do, whatever a system calls them.
func TestTCPRolesAreInPlainWords(t *testing.T) {
	all, err := model.Embedded().All()
	if err != nil {
		t.Fatal(err)
	}
	plain := regexp.MustCompile(`^(TCP )?[a-z]{2,}([ -][a-z]+)*$`)
	seen := map[model.Role]bool{}
	for _, s := range all {
		for _, p := range s.Params {
			if !p.Role.TCP() || seen[p.Role] || p.Role == model.RoleMultipath {
				continue
			}
			seen[p.Role] = true
			if !plain.MatchString(p.Role.Title()) || len(p.Role.Title()) > 22 {
				t.Errorf("%s is called %q", p.Role, p.Role.Title())
			}
		}
	}
	if len(seen) < 8 {
		t.Errorf("only %d roles are TCP's", len(seen))
	}
}
