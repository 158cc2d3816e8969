package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/farend"
	"example.com/keeptune/tuning/livetest/run"
	keepterm "example.com/keeptune/ui/term"
)

// serveFor is how long the far end stays unless told otherwise: a ladder up to
// half an hour, and its refinements.
const serveFor = 40 * time.Minute

func (a *app) serve() *cobra.Command {
	var listen, lasts, token string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Be the cooperating far end of a test through middleboxes",
		Long: `serve waits for the ladder of "keeptune probe --far-end HOST:PORT" on another
machine. It has no idle timer of its own, so what ends a connection is the path
between the two; and it sends after the silence, too, which one end alone
cannot test. Who does not know the token is closed without a word. It listens
on loopback unless told otherwise and ends by itself.

` + exitPlain,
		Example: `  keeptune serve --listen 0.0.0.0:7022 --for 1h
  KEEPTUNE_TOKEN=... keeptune probe tcp://HOST:7022 --far-end HOST:7022 --yes`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := model.ParseSpan(model.Clean(lasts, 60), time.Minute)
			if err != nil {
				return fmt.Errorf("--for: %w", err)
			}
			if d <= 0 || d > 7*24*time.Hour {
				return fmt.Errorf("--for is %s; give a time up to 168h", model.HumanSpan(d))
			}
			if token == "" {
				token = os.Getenv("KEEPTUNE_TOKEN")
			}
			return a.runServe(cmd, listen, d, token)
		},
	}
	s := cmd.Flags()
	s.StringVar(&listen, "listen", "127.0.0.1:7022", "`HOST:PORT` to listen on")
	s.StringVar(&lasts, "for", serveFor.String(), "`TIME` after which it ends")
	s.StringVar(&token, "token", "", "the `TOKEN` to ask for; default the variable KEEPTUNE_TOKEN, or a new one that is printed")
	return cmd
}

func (a *app) runServe(cmd *cobra.Command, listen string, lasts time.Duration, token string) error {
	fresh := token == ""
	if fresh {
		token = farend.NewToken()
	}
	if len(token) < 8 || !printable(token) {
		return errors.New("--token: give at least 8 letters and digits, or none for a new one")
	}
	watch := keepterm.NewWatch(cmd.Context())
	defer watch.Stop()
	l, err := (&net.ListenConfig{KeepAlive: -1}).Listen(watch.Context(), "tcp", listen)
	if err != nil {
		return fmt.Errorf("--listen: %s", model.Clean(err.Error(), 200))
	}
	addr := l.Addr().String()
	_, _ = fmt.Fprintf(a.out, "listening on %s for %s\n", addr, model.HumanSpan(lasts))
	if fresh {
		_, _ = fmt.Fprintf(a.out, "token %s\n", token)
	}
	if !run.Local(addr) || !loopback(addr) {
		_, _ = fmt.Fprintln(a.errs, "keeptune serve: other machines can connect; whoever has the token can make this one answer and keep silent, nothing else")
	}
	ctx, cancel := context.WithTimeout(watch.Context(), lasts)
	defer cancel()
	server := farend.Server{Token: token, Say: func(text string) { _, _ = fmt.Fprintln(a.errs, model.Clean(text, 200)) }}
	if err := server.Serve(ctx, l); err != nil {
		return fmt.Errorf("the far end stopped: %s", model.Clean(err.Error(), 200))
	}
	if code := watch.ExitCode(); code != 0 {
		return &exit{code: code, err: errors.New("stopped")}
	}
	return nil
}

func printable(s string) bool {
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return true
}

func loopback(addr string) bool {
	host, _, _ := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
