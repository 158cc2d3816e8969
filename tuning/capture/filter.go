package capture

import (
	"fmt"

	"golang.org/x/net/bpf"
)

// MaxPorts is how many ports a Filter takes.
const MaxPorts = 16

// Filter is the program by which a kernel picks what a packet socket (AF_PACKET,
// SOCK_DGRAM) hands on: the first snap bytes of TCP from or to one of the ports, of any
// port where there are none, and of everything that may carry such a packet inside. On
// loopback a packet passes twice; the copy on its way out is left out.
func Filter(ports []uint16, snap uint32) ([]bpf.RawInstruction, error) {
	if len(ports) > MaxPorts {
		return nil, fmt.Errorf("%d ports are watched at once at most, not %d", MaxPorts, len(ports))
	}
	all, err := filter(ports, snap)
	if err != nil {
		return nil, err
	}
	return bpf.Assemble(all)
}

const (
	sentOut  = 4 // PACKET_OUTGOING
	loopback = 1 // the number of lo in every network namespace
)

func filter(ports []uint16, snap uint32) ([]bpf.Instruction, error) {
	const take, drop = "take", "drop"
	var p program
	p.add(bpf.LoadExtension{Num: bpf.ExtInterfaceIndex})
	p.unless(loopback, "protocol")
	p.add(bpf.LoadExtension{Num: bpf.ExtType})
	p.when(sentOut, drop)
	p.label("protocol")
	p.add(bpf.LoadExtension{Num: bpf.ExtProto})
	p.when(etherIPv4, "IPv4")
	p.when(etherIPv6, "IPv6")
	for _, carrier := range []uint32{etherVLAN, etherQinQ, etherQinQ1, etherMPLS, etherPPPoE} {
		p.when(carrier, take)
	}
	p.jump(drop)

	p.label("IPv4")
	p.add(bpf.LoadAbsolute{Off: 9, Size: 1})
	p.when(ipTCP, "TCP in IPv4")
	p.when(ipUDP, "UDP in IPv4")
	for _, carrier := range []uint32{ipIPv4, ipIPv6, ipGRE} {
		p.when(carrier, take)
	}
	p.jump(drop)
	p.label("TCP in IPv4")
	if len(ports) > 0 {
		p.add(bpf.LoadAbsolute{Off: 6, Size: 2})
		p.test(0x1fff, take) // a later fragment, which is counted
		p.add(bpf.LoadMemShift{Off: 0})
		for _, off := range []uint32{0, 2} {
			p.add(bpf.LoadIndirect{Off: off, Size: 2})
			for _, port := range ports {
				p.when(uint32(port), take)
			}
		}
		p.jump(drop)
	}
	p.jump(take)
	p.label("UDP in IPv4")
	p.add(bpf.LoadAbsolute{Off: 6, Size: 2})
	p.test(0x1fff, drop)
	p.add(bpf.LoadMemShift{Off: 0}, bpf.LoadIndirect{Off: 2, Size: 2})
	p.jump("tunnel")

	p.label("IPv6")
	p.add(bpf.LoadAbsolute{Off: 6, Size: 1})
	p.when(ipTCP, "TCP in IPv6")
	p.when(ipUDP, "UDP in IPv6")
	for _, carrier := range []uint32{ipHopByHop, ipIPv4, ipIPv6, ipRouting, ipFragment, ipGRE, ipAuthentication, ipDestination} {
		p.when(carrier, take)
	}
	p.jump(drop)
	p.label("TCP in IPv6")
	if len(ports) > 0 {
		for _, off := range []uint32{40, 42} {
			p.add(bpf.LoadAbsolute{Off: off, Size: 2})
			for _, port := range ports {
				p.when(uint32(port), take)
			}
		}
		p.jump(drop)
	}
	p.jump(take)
	p.label("UDP in IPv6")
	p.add(bpf.LoadAbsolute{Off: 42, Size: 2})
	p.label("tunnel")
	for _, port := range []uint32{portVXLAN, portLinuxVXLAN, portGENEVE} {
		p.when(port, take)
	}
	p.label(drop)
	p.add(bpf.RetConstant{Val: 0})
	p.label(take)
	p.add(bpf.RetConstant{Val: snap})
	return p.link()
}

// program is a filter whose jumps go to labels.
type program struct {
	steps  []step
	labels map[string]int
}

type step struct {
	op   bpf.Instruction // nil: a jump
	cond bpf.JumpTest
	val  uint32
	to   string
	any  bool // the jump has no condition
}

func (p *program) add(all ...bpf.Instruction) {
	for _, op := range all {
		p.steps = append(p.steps, step{op: op})
	}
}

func (p *program) label(name string) {
	if p.labels == nil {
		p.labels = map[string]int{}
	}
	p.labels[name] = len(p.steps)
}

func (p *program) when(val uint32, to string) {
	p.steps = append(p.steps, step{cond: bpf.JumpEqual, val: val, to: to})
}

func (p *program) unless(val uint32, to string) {
	p.steps = append(p.steps, step{cond: bpf.JumpNotEqual, val: val, to: to})
}

func (p *program) test(bits uint32, to string) {
	p.steps = append(p.steps, step{cond: bpf.JumpBitsSet, val: bits, to: to})
}

func (p *program) jump(to string) { p.steps = append(p.steps, step{to: to, any: true}) }

// link puts distances in the place of labels.
func (p *program) link() ([]bpf.Instruction, error) {
	all := make([]bpf.Instruction, len(p.steps))
	for i, s := range p.steps {
		if s.op != nil {
			all[i] = s.op
			continue
		}
		far := p.labels[s.to] - i - 1
		switch {
		case far < 0 || far > 255:
			return nil, fmt.Errorf("the filter's jump to %s is %d steps long", s.to, far)
		case s.any:
			all[i] = bpf.Jump{Skip: uint32(far)}
		default:
			all[i] = bpf.JumpIf{Cond: s.cond, Val: s.val, SkipTrue: uint8(far)}
		}
	}
	return all, nil
}
