package native_test

import (
	"flag"
	"slices"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning/native"
)

// FuzzParse hands any bytes to every parser: none may panic, and what is read
// are values that the catalog allows.
func FuzzParse(f *testing.F) {
	c := model.Embedded()
	for _, tt := range slices.Concat(exportCases, hostExportCases, serverExportCases, libraryExportCases) {
		files, err := format(f, tt.to).Render(request(f, c, document(f, c, tt.path, tt.sets...)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(files[0].Content)
		f.Add(files[0].Undo)
	}
	f.Add([]byte("http { keepalive_timeout 65 60; upstream u { keepalive 3; } } } \\"))
	f.Add([]byte("defaults\n no option\n clitcpka-idle\n server a b tcp-ut"))
	f.Add([]byte("keeptune-session: eJwBAAD//wAAAAE\n"))
	f.Add([]byte("\xff\xfe[\x00"))
	all := native.Formats()
	every := lawcheck.Long() || flag.Lookup("test.fuzz").Value.String() != ""
	f.Fuzz(func(t *testing.T, data []byte) {
		for i, one := range all {
			if !every && one.ID() != native.Detect(data) && (i+len(data))%16 != 0 {
				continue // the long run hands each to every one
			}
			im, err := one.Parse("f", data, c)
			if err != nil {
				continue
			}
			for id, s := range im.Settings {
				system, err := c.System(id.System())
				if err != nil {
					t.Fatal(err)
				}
				if err := system.Param(id).Check(s.Value); err != nil {
					t.Errorf("%s read %s: %v", one.ID(), id, err)
				}
			}
			if im.Document != nil {
				if err := im.Document.Check(c); err != nil {
					t.Errorf("%s: %v", one.ID(), err)
				}
			}
		}
		_, _ = native.ImportAny("f", data, c)
	})
}
