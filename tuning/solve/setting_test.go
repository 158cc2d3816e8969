package solve

import (
	"slices"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// What another setting follows, or a proxy hands on, matters on that one's leg, too; and
// where it is not set, to write down what is in force sets the other.
func TestASettingTouchesWhatHangsOnIt(t *testing.T) {
	c := model.Embedded()
	for _, tt := range []struct {
		path, set string
		ref       tuning.ParamRef
		legs      []int
		written   bool // what is in force is a change of its own
	}{
		{"curl > nginx", "", tuning.ParamRef{Endpoint: "curl", Param: "curl.tcp_keepidle"}, []int{0}, true},
		{"curl > nginx", "curl:tcp_keepidle=60s", tuning.ParamRef{Endpoint: "curl", Param: "curl.tcp_keepidle"}, []int{0}, false},
		{"curl > nginx", "", tuning.ParamRef{Endpoint: "curl", Param: "curl.tcp_keepintvl"}, []int{0}, false},
		{"curl > pound > nginx", "", tuning.ParamRef{Endpoint: "pound", Param: "pound.Client"}, []int{0, 1}, false},
		{"curl > squid > nginx", "", tuning.ParamRef{Endpoint: "squid", Param: "squid.client_idle_pconn_timeout"}, []int{0}, false},
		{"curl > pound > nginx", "", tuning.ParamRef{Endpoint: "nginx", Param: "nginx.keepalive_timeout"}, []int{0, 1}, false},
		{"curl > squid > nginx", "", tuning.ParamRef{Endpoint: "nginx", Param: "nginx.keepalive_timeout"}, []int{1}, false},
	} {
		path, err := model.ParsePath(tt.path, c)
		if err != nil {
			t.Fatal(err)
		}
		d := model.Document{Path: path}
		if tt.set != "" {
			if d, err = d.Assign(c, tt.set); err != nil {
				t.Fatal(err)
			}
		}
		for goal, text := range map[model.Goal]string{model.GoalDetect: "30s", model.GoalLost: "0"} {
			v, err := goal.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			d.Goals = d.Goals.With(goal, v)
		}
		p, err := newProblem(d, tuning.NewEnv(c, 0))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(p.all, func(s *setting) bool { return s.ref == tt.ref })
		if i < 0 {
			t.Errorf("%s: %s is no setting that may be changed", tt.path, tt.ref.Param)
			continue
		}
		s := p.all[i]
		written := slices.ContainsFunc(s.domain[1:], func(o option) bool { return o.value == s.row.Value })
		if !slices.Equal(s.legs, tt.legs) || written != tt.written {
			t.Errorf("%s %s: %s touches the legs %v, written down %v; want %v, %v", tt.path, tt.set, tt.ref.Param, s.legs, written, tt.legs, tt.written)
		}
	}
}
