package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/trial"
	"example.com/keeptune/ui/cli/wire"
)

// verifyFlags are what keeptune verify is asked.
type verifyFlags struct {
	session connection
	at      []string
	netns   string
	format  string
}

func (a *app) verify() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify SESSION.toml [CONFIG…]",
		Short: "Does this host still have what a session says?",
		Long: `verify compares what a session sets with this host: the variables of sysctl with
what is in force in the kernel, and a server's settings with the configuration
that the running one has loaded, found as keeptune host finds it, or that is
named. Where a file was edited and not loaded since, what runs is not known, and
that is said. It changes nothing, and is made for cron: --format openmetrics is
for the textfile collector of the node exporter, where NaN is a setting that was
not read. --at leaves out what is of other hosts.

Exit codes: 0 all is so, 1 something differs, 2 usage or unreadable input, 4
nothing differs and something could not be read, 70 the program crashed, 128+n
ended by signal n.`,
		Example: `  keeptune verify edge-3.toml
  keeptune verify edge-3.toml /etc/nginx/nginx.conf --format json
  keeptune verify edge-3.toml --format openmetrics > keeptune.prom`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.runVerify(cmd.Context(), &f, args) },
	}
	s := cmd.Flags()
	f.session.placing.flags(cmd)
	s.StringSliceVar(&f.at, "at", nil, "the `ENDPOINTS` of the path that are this host, separated by commas")
	s.StringVar(&f.netns, "netns", "", "in the network `NAMESPACE`: a name of ip netns, a container, a process in it")
	s.StringVar(&f.format, "format", "text", "`FORMAT`: text, json or openmetrics")
	complete(cmd, "format", "text", "json", "openmetrics")
	return cmd
}

// here says whether an endpoint may be this host, as far as --at says.
func (f *verifyFlags) here(id model.EndpointID) bool {
	return len(f.at) == 0 || slices.ContainsFunc(f.at, func(at string) bool { return strings.EqualFold(strings.TrimSpace(at), string(id)) })
}

// A verified is a session beside what was read.
type verified struct {
	name string
	at   time.Time
	rows []wire.Verified
	left []wire.Verified // settings that nothing was read of
}

var verifyFormats = map[string]func(io.Writer, *verified) error{"text": verifyText, "json": verifyJSON, "openmetrics": verifyMetrics}

func (a *app) runVerify(ctx context.Context, f *verifyFlags, args []string) error {
	if _, ok := verifyFormats[f.format]; !ok {
		return choose(f.format, verifyFormats, func(func(io.Writer, *verified) error) error { return nil })
	}
	d, err := a.readSession(args[0])
	if err != nil {
		return err
	}
	v := &verified{name: d.Name, at: a.now()}
	if err := a.verifyKernel(ctx, v, d, f); err != nil {
		return err
	}
	if err := a.verifyServers(ctx, v, d, f, args[1:]); err != nil {
		return err
	}
	if err := verifyFormats[f.format](a.out, v); err != nil {
		return err
	}
	switch {
	case slices.ContainsFunc(v.rows, func(r wire.Verified) bool { return r.Found != nil && !r.Same }):
		return &exit{code: exitFindings}
	case len(v.rows) == 0, len(v.left) > 0, slices.ContainsFunc(v.rows, func(r wire.Verified) bool { return r.Found == nil }):
		return &exit{code: exitInconclusive}
	}
	return nil
}

// asked says whether a session's setting is one that a host should have.
func asked(s model.Setting) bool {
	switch s.Origin.Kind {
	case model.FromTyped, model.FromFile, model.FromRunning:
		return s.Value.IsSet() && s.Value.Kind != model.Unknown
	default:
		return false
	}
}

// verifyKernel compares the variables of the endpoints that are this host.
func (a *app) verifyKernel(ctx context.Context, v *verified, d model.Document, f *verifyFlags) error {
	var with []model.EndpointID
	type variable struct {
		endpoint model.EndpointID
		param    *model.Param
		want     model.Value
	}
	var all []variable
	for _, e := range d.Path.Endpoints {
		for _, id := range slices.Sorted(maps.Keys(e.Settings)) {
			p, err := e.FindParam(id, a.catalogs())
			if err != nil || !asked(e.Settings[id]) || p.Face != model.FaceHost || !f.here(e.ID) {
				continue
			}
			if !strings.HasPrefix(native.SysctlKey(p), "net.") {
				why := "it is no variable of sysctl"
				v.left = append(v.left, wire.Verified{Endpoint: string(e.ID), Param: string(id), Wanted: e.Settings[id].Value.Human(), Why: &why})
				continue
			}
			if !slices.Contains(with, e.ID) {
				with = append(with, e.ID)
			}
			all = append(all, variable{e.ID, p, e.Settings[id].Value})
		}
	}
	here, err := hereOf(d, with, f.at)
	if err != nil {
		return err
	}
	for _, x := range all {
		if !slices.Contains(here, x.endpoint) {
			continue
		}
		key := native.SysctlKey(x.param)
		row := wire.Verified{Endpoint: string(x.endpoint), Param: string(x.param.ID), Wanted: x.want.Human(), Source: "sysctl " + key}
		target, err := trial.NewSysctl(key, f.netns, "")
		if err != nil {
			return err
		}
		text, err := target.Read(ctx)
		if err == nil {
			var now model.Value
			if now, err = x.param.ParseValue(text); err == nil {
				found := now.Human()
				row.Found, row.Same = &found, now == x.want
			}
		}
		if err != nil {
			why := model.Clean(err.Error(), 200)
			row.Why = &why
		}
		v.rows = append(v.rows, row)
	}
	return nil
}

// verifyServers compares the settings of servers: with the configurations that are named, and
// where none of them is an endpoint's, with that of the only such server that runs here.
func (a *app) verifyServers(ctx context.Context, v *verified, d model.Document, f *verifyFlags, files []string) error {
	rows, _, err := a.fileRows(d, f, files)
	if err != nil {
		return err
	}
	run := running{app: a, netns: f.netns}
	for _, e := range d.Path.Endpoints {
		its := serverRows{rows: rows[e.ID]}
		for _, id := range slices.Sorted(maps.Keys(e.Settings)) {
			p, err := e.FindParam(id, a.catalogs())
			if err != nil || !asked(e.Settings[id]) || p.Face == model.FaceHost || !f.here(e.ID) {
				continue
			}
			if its.rows == nil && its.why == "" {
				if its, err = run.rows(ctx, d, f, &e); err != nil {
					return err
				}
			}
			wanted := e.Settings[id].Value
			i := slices.IndexFunc(its.rows, func(r tuning.Row) bool { return r.Param.ID == id })
			if i < 0 {
				why := cmp.Or(its.why, "name the configuration that sets it")
				v.left = append(v.left, wire.Verified{Endpoint: string(e.ID), Param: string(id), Wanted: wanted.Human(), Why: &why})
				continue
			}
			r := &its.rows[i]
			found := r.Setting.Value.Human()
			v.rows = append(v.rows, wire.Verified{
				Endpoint: string(e.ID), Param: string(id), Wanted: wanted.Human(), Found: &found,
				Same: r.Setting.Value == wanted, Source: r.Setting.Origin.String() + its.loaded,
			})
		}
	}
	return nil
}

// fileRows are the settings of the endpoints of which configurations say something, and those
// of all endpoints with these configurations.
func (a *app) fileRows(d model.Document, f *verifyFlags, files []string) (said, all map[model.EndpointID][]tuning.Row, err error) {
	all = map[model.EndpointID][]tuning.Row{}
	if len(files) == 0 {
		return all, all, nil
	}
	c := connection{path: d.Path.String(), placing: f.session.placing}
	read, err := a.document(&c, files, "")
	if err != nil {
		return nil, nil, err
	}
	judged, err := a.judge(read)
	if err != nil {
		return nil, nil, err
	}
	for i := range judged.report.Legs {
		leg := &judged.report.Legs[i]
		for _, s := range []*tuning.Side{&leg.Client, &leg.Server} {
			all[s.Endpoint.ID] = append(all[s.Endpoint.ID], s.Rows...)
		}
	}
	said = maps.Clone(all)
	for _, e := range read.Path.Endpoints {
		if !slices.ContainsFunc(slices.Collect(maps.Values(e.Settings)), func(s model.Setting) bool { return s.Origin.Kind == model.FromFile }) {
			delete(said, e.ID) // no configuration is its
		}
	}
	return said, all, nil
}

func verifyText(w io.Writer, v *verified) error {
	var p page
	differ := 0
	for i := range v.rows {
		r := &v.rows[i]
		switch {
		case r.Found == nil:
			p.wrapped("  ?        ", "           ", fmt.Sprintf("%s %s is to be %s: %s", r.Endpoint, r.Param, r.Wanted, *r.Why))
		case r.Same:
			p.wrapped("  is so    ", "           ", fmt.Sprintf("%s %s %s", r.Endpoint, r.Param, r.Wanted))
		default:
			differ++
			p.wrapped("  differs  ", "           ", fmt.Sprintf("%s %s is %s and should be %s (%s)", r.Endpoint, r.Param, *r.Found, r.Wanted, r.Source))
		}
	}
	for i := range v.left {
		p.wrapped("  not read ", "           ", notRead(&v.left[i]))
	}
	switch {
	case len(v.rows) == 0:
		p.line("Nothing of the session could be compared with this host.")
	case len(v.left) > 0:
		p.line("%d of %d differ; %d could not be compared.", differ, len(v.rows), len(v.left))
	default:
		p.line("%d of %d differ.", differ, len(v.rows))
	}
	return p.flush(w)
}

// notRead is a sentence about a setting that nothing was read of.
func notRead(r *wire.Verified) string { return fmt.Sprintf("%s %s: %s", r.Endpoint, r.Param, *r.Why) }

func verifyJSON(w io.Writer, v *verified) error {
	left := []string{}
	for i := range v.left {
		left = append(left, notRead(&v.left[i]))
	}
	return wire.Print(w, wire.Verify{Schema: wire.VerifySchema, Version: versionText(), Session: v.name, Taken: v.at, Settings: append([]wire.Verified{}, v.rows...), NotRead: left})
}

// verifyMetrics is the text format of OpenMetrics and Prometheus.
func verifyMetrics(w io.Writer, v *verified) error {
	var p page
	p.line("# TYPE keeptune_setting_matches gauge")
	p.line("# HELP keeptune_setting_matches Whether this host has what the session says: 1, 0, or NaN where it could not be read.")
	for _, r := range slices.Concat(v.rows, v.left) {
		value := "NaN"
		if r.Found != nil {
			value = "0"
			if r.Same {
				value = "1"
			}
		}
		p.line(`keeptune_setting_matches{session="%s",endpoint="%s",param="%s"} %s`, label(v.name), label(r.Endpoint), label(r.Param), value)
	}
	p.line("# TYPE keeptune_verified_timestamp_seconds gauge")
	p.line("# HELP keeptune_verified_timestamp_seconds When it was compared.")
	p.line(`keeptune_verified_timestamp_seconds{session="%s"} %d`, label(v.name), v.at.Unix())
	p.line("# EOF")
	return p.flush(w)
}

// label is a text as the value of a label.
func label(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(model.Clean(text, 200))
}
