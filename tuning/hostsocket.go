package tuning

import (
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// HostSocket is a socket with the defaults of an operating system.
func HostSocket(s *model.System, v model.Version) detect.Socket {
	stack, _ := model.At(s.Order, s.Stack, v)
	k := detect.Of(stack)
	if k.Stack == model.StackLinux {
		k.Unclamped = s.Order.Compare(v, "4.19") < 0
		if s.Order.Compare(v, "6.5") < 0 { // tcp_syn_linear_timeouts came with it: Documentation/networking/ip-sysctl.rst
			k.SynLinear = 0
		}
	}
	spans := map[model.Role]*time.Duration{
		model.RoleProbeIdle: &k.Idle, model.RoleProbeEvery: &k.Every, model.RoleUserTimeout: &k.UserTimeout,
		model.RoleRTOMin: &k.RTOMin, model.RoleRTOMax: &k.RTOMax,
		model.RoleProbeAbort: &k.ProbeAbort, model.RoleDataAbort: &k.DataAbort,
	}
	counts := map[model.Role]*int64{
		model.RoleProbeCount: &k.Count, model.RoleDataRetries: &k.Retries, model.RoleOrphans: &k.Orphans,
		model.RoleSynRetries: &k.SynRetries, model.RoleSynLinear: &k.SynLinear,
	}
	for _, p := range s.Params {
		if p.Face != model.FaceHost || !s.Has(p, v) {
			continue
		}
		value := effective(s, p, v)
		if d, ok := value.Duration(); ok && spans[p.Role] != nil {
			*spans[p.Role] = d
		}
		if n, ok := value.Count(); ok && counts[p.Role] != nil {
			*counts[p.Role] = n
		}
	}
	return k
}

// effective is a default through its fallbacks.
func effective(s *model.System, p *model.Param, v model.Version) model.Value {
	for range 8 {
		if value := s.DefaultAt(p, v).Value; value.IsSet() {
			return value
		}
		next := s.Param(p.Fallback)
		if next == nil {
			break
		}
		p = next
	}
	return p.Absent
}
