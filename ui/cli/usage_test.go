package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// The usage is what cobra's own template says, with the flags in 80 columns.
func TestUsageIsCobras(t *testing.T) {
	t.Parallel()
	for _, c := range []*cobra.Command{
		{Use: "plain", Run: func(*cobra.Command, []string) {}},
		{Use: "one [FILE]", Example: "  one x", Run: func(*cobra.Command, []string) {}},
		{Use: "top", Short: "what it is"},
	} {
		c.PersistentFlags().String("all", "", "a `WORD`")
		if c.Use == "top" {
			c.AddCommand(&cobra.Command{Use: "sub", Short: "below", Run: func(*cobra.Command, []string) {}})
			c.AddCommand(&cobra.Command{Use: "hidden", Hidden: true, Run: func(*cobra.Command, []string) {}})
		}
		want := c.UsageString()
		c.SetUsageFunc(usage)
		if got := c.UsageString(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	long := &cobra.Command{Use: "long", Run: func(*cobra.Command, []string) {}}
	long.Flags().Bool("flag", false, strings.Repeat("word ", 30))
	long.SetUsageFunc(usage)
	for line := range strings.Lines(long.UsageString()) {
		if len(line) > 81 {
			t.Errorf("wider than 80 columns: %s", line)
		}
	}
}
