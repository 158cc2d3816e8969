package ui

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/redact"
)

// With stand-ins no screen has a name that was planted in the session, the target or a
// command, at any size; the title says that names are replaced.
func TestRedactedScreens(t *testing.T) {
	planted := []string{"zqorchard", "zqplum", "10.77.66.55", "zqfig", "zqmelon", "zqquince"}
	for _, size := range sizes {
		d := sitWith(t, frozen(), "chrome > nginx", size.w, size.h, func(c *Config) {
			c.Redact = redact.New(redact.WordsOf("chrome nginx keepalive_timeout the test connects to says from"))
			c.Redact.Given("https://zqorchard.example/zqplum 10.77.66.55 /srv/zqfig/nginx.conf")
			c.Redact.Name("zqmelon of zqquince")
			c.File = "/srv/zqfig/zqmelon of zqquince.toml"
			c.Redact.Path(c.File)
		})
		d.fake.events = allMeasured()
		set := func(e model.Edit) {
			d.app, _ = d.app.edit(contract.Edit{Why: "from zqorchard.example and 10.77.66.55", Edits: []model.Edit{e}, Seal: true})
		}
		set(model.SetTarget{Target: "https://zqorchard.example/zqplum"})
		set(model.Set{Endpoint: "nginx", Param: "nginx.keepalive_timeout", Setting: model.Setting{Value: model.For(30 * time.Second), Origin: model.Origin{Kind: model.FromFile, Where: "/srv/zqfig/nginx.conf", Line: 3}}})
		for _, keys := range [][]string{{}, {"i"}, {"q", "2"}, {"3"}, {"r"}, {"l"}, {"d"}, {"4"}, {"p"}, {"q", "5"}, {"6"}, {"1", ":", "target http://zqfig.zqplum.example/"}, {"Enter"}, {"?"}, {"q", ","}, {"q", "w"}} {
			d.press(keys...)
			text := d.screen()
			exactly(t, text, size.w, size.h)
			if len(keys) > 0 && strings.HasPrefix(keys[len(keys)-1], "target") {
				continue // what is being typed is seen by who types it
			}
			for _, p := range planted {
				if strings.Contains(text, p) {
					t.Fatalf("%v at %dx%d shows %s:\n%s", keys, size.w, size.h, p, text)
				}
			}
		}
		d.press("Esc", "1").shows("redacted")
	}
}
