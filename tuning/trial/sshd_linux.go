package trial

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// counts asks the server's program whether the lines that have to count do. sshd -T prints
// what is in force for a connection that no Match block names, and options before the others
// win over every file (sshd(8), -o): with the lines as options it must print the same.
func (s *Server) counts(ctx context.Context, m *master) error {
	if len(s.Says) == 0 {
		return nil
	}
	options := []string{"-T"}
	words := map[string]bool{}
	for _, l := range s.Says {
		key, value, _ := strings.Cut(l, " ")
		options = append(options, "-o", key+"="+strings.TrimSpace(value))
		words[strings.ToLower(key)] = true
	}
	is, err := s.told(ctx, m, words, "-T")
	if err != nil {
		return err
	}
	wanted, err := s.told(ctx, m, words, options...)
	if err != nil {
		return err
	}
	for i, l := range wanted {
		if i >= len(is) || is[i] != l {
			return fmt.Errorf("%s -T says %s with it, and not %s: a line before it counts; open %s to change that one", s.Program, clip(is, i), l, s.Main)
		}
	}
	return nil
}

func clip(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "nothing"
}

// told are the lines of sshd -T that begin with one of the words, sorted.
func (s *Server) told(ctx context.Context, m *master, words map[string]bool, options ...string) ([]string, error) {
	cmd := s.command(ctx, m, options)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s does not tell what it reads: %s", s.Program, complaint(complaints.Bytes(), err))
	}
	var lines []string
	for l := range strings.Lines(string(out)) {
		if word, _, _ := strings.Cut(l, " "); words[word] {
			lines = append(lines, model.Clean(strings.TrimSpace(l), 200))
		}
	}
	slices.Sort(lines)
	return lines, nil
}

// loadAgain makes sshd read its files: it starts itself anew as the same process, with the
// same arguments (openssh-portable:sshd.c sighup_restart), and waits until it listens.
func (s *Server) loadAgain(ctx context.Context, m *master) error {
	before, image := inodes(listening(m.pid)), auxv(m.pid)
	return s.reload(ctx, m, "%s did not load its files in %s, and its log says why", func() bool {
		now := inodes(listening(m.pid))
		// One of its sockets is another, or it was handed them and they stay; the addresses of its
		// memory are others in any case, where the kernel makes them so.
		other := slices.ContainsFunc(now, func(n uint64) bool { return !slices.Contains(before, n) })
		return other || len(now) > 0 && !bytes.Equal(image, auxv(m.pid))
	})
}

// auxv is what the kernel told a program at its start, with addresses that differ each time;
// nil where it cannot be read.
func auxv(pid int) []byte {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/auxv", pid))
	if err != nil {
		return nil
	}
	return data
}
