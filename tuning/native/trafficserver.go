package native

import (
	"slices"
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

const (
	atsConfig                = "proxy.config."
	atsProbes  model.ParamID = "trafficserver.tcp_keepalive"
	atsFlags                 = atsConfig + "net.sock_option_flag_in"
	atsNoDelay               = 1 // TCP_NODELAY, the default of the flags
	atsAlive                 = 2 // SO_KEEPALIVE
	// atsYAML is the version from which records.yaml takes the place of records.config.
	atsYAML model.Version = "10.0.0"
)

func trafficserver() *syntax {
	return &syntax{
		id:    "trafficserver",
		signs: []string{`(?m)^((CONFIG|LOCAL) proxy\.|records:)`},
		title: "Traffic Server: records.config (9) and records.yaml (10)", comment: hash, fits: ofSystem("trafficserver"),
		checks: []check{{"trafficserver", "9.2", "traffic_server"}},
		effect: func(*target) []string {
			return []string{"traffic_ctl config reload, where nothing above asks for a restart; connections stay open. traffic_ctl config match keep_alive shows what counts."}
		},
		exportFiles: []exportFile{
			{
				name: "keeptune-records.config",
				use:  "Copy the lines to the end of /etc/trafficserver/records.config; of a name that is set twice the last one counts.",
				owns: func(t *target, r *tuning.Row) bool { return atsOwns(t, r, false) },
				body: atsRecords,
			},
			{
				name: "keeptune-records.yaml",
				use:  "Merge the lines into the records of records.yaml.",
				owns: func(t *target, r *tuning.Row) bool { return atsOwns(t, r, true) },
				body: atsTree,
			},
		},
		read: readTrafficserver,
	}
}

func atsOwns(t *target, r *tuning.Row, yaml bool) bool {
	s := t.side.System
	return r.Param.ID.System() == "trafficserver" && (s.Order.Compare(t.side.Version, atsYAML) >= 0) == yaml
}

// atsNote says what else the flags hold.
func atsNote(p *page) {
	if len(p.has(atsProbes)) > 0 && !p.undo {
		p.note("sock_option_flag_in adds up: 1 is TCP_NODELAY, the default, and 2 is SO_KEEPALIVE. Keep the other bits that you have set.")
	}
}

// atsRecord is the name and number of an item.
func atsRecord(p *page, it item) (name, value string, err error) {
	if it.param().ID != atsProbes {
		value, err = p.number(it, p.product(), bareSeconds)
		return it.param().ID.Name(), value, err
	}
	flags := atsNoDelay
	if it.value == model.ValueOn {
		flags |= atsAlive
	}
	return atsFlags, strconv.Itoa(flags), nil
}

func atsRecords(p *page) error {
	atsNote(p)
	for _, it := range p.items {
		name, value, err := atsRecord(p, it)
		if err != nil {
			return err
		}
		p.put("", it, "CONFIG "+name+" INT "+value)
	}
	return nil
}

// atsTree writes the names without proxy.config. as nested keys.
func atsTree(p *page) error {
	if allGone(p.items) {
		p.reasons("", p.items...)
		return nil
	}
	atsNote(p)
	p.add("records:")
	for _, group := range []string{"http", "net"} {
		begun := false
		for _, it := range p.items {
			name, value, err := atsRecord(p, it)
			if err != nil {
				return err
			}
			key, ok := strings.CutPrefix(name, atsConfig+group+".")
			if !ok {
				continue
			}
			if !begun && !it.gone {
				p.add("  " + group + ":")
				begun = true
			}
			p.put("    ", it, key+": "+value)
		}
	}
	return nil
}

// readTrafficserver reads CONFIG lines, and the nested keys of records.yaml by
// their indentation.
func readTrafficserver(r *reader, text string) {
	type level struct {
		indent int
		key    string
	}
	var above []level
	n := 0
	for line := range strings.Lines(text) {
		n++
		words := splitWords(strings.TrimSpace(line))
		switch {
		case len(words) == 0:
		case words[0] == "CONFIG" || words[0] == "LOCAL":
			if len(words) == 4 {
				r.atsRecord(n, words[1], words[3])
			}
		case strings.HasSuffix(words[0], ":"):
			indent := len(line) - len(strings.TrimLeft(line, " "))
			for len(above) > 0 && above[len(above)-1].indent >= indent {
				above = above[:len(above)-1]
			}
			above = append(above, level{indent, strings.TrimSuffix(words[0], ":")})
			if len(words) < 2 || above[0].key != "records" {
				continue
			}
			var keys []string
			for _, l := range above[1:] {
				keys = append(keys, l.key)
			}
			r.atsRecord(n, atsConfig+strings.Join(keys, "."), words[1])
		}
	}
}

func (r *reader) atsRecord(line int, name, value string) {
	if name == atsFlags {
		flags, err := strconv.ParseInt(value, 0, 32)
		if err != nil {
			r.warn(line, "%s is a number, not %s", name, value)
			return
		}
		r.take(line, atsProbes, model.Switch(flags&atsAlive != 0))
		return
	}
	s, err := r.catalog.System("trafficserver")
	if err != nil {
		return
	}
	if i := slices.IndexFunc(s.Params, func(p *model.Param) bool { return p.ID.Name() == name && !p.Fixed }); i >= 0 {
		r.set(line, s.Params[i].ID, value)
	}
}
