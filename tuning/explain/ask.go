package explain

import (
	"slices"
	"strings"

	"example.com/keeptune/tuning"
)

// A Choice is one answer to what has to be asked.
type Choice struct {
	Symptom tuning.Symptom
	When    string // "quiet" or "outage": the word for it
	Label   string
	Do      string // the remedy then
	Path    string // on which it can be seen
	Assume  []string
}

// Asked is what no time and no line tells: whether sessions drop while they are
// quiet or in outages. The remedies are opposite, so it is asked and not guessed.
const Asked = "Do the sessions drop while nothing is sent, or when the network is away for a moment?"

// Choices are the two answers.
func Choices() []Choice {
	return []Choice{
		{
			Symptom: tuning.SymptomQuiet, When: "quiet", Label: "while nothing is sent",
			Do:   "a box between forgets them: signs of life MORE often than its idle timeout (KeepAliveTime, ServerAliveInterval, PuTTY's seconds between keepalives)",
			Path: "putty/windows > firewall > sshd", Assume: []string{"firewall:idle_timeout=5m"},
		},
		{
			Symptom: tuning.SymptomOutage, When: "outage", Label: "when the network is away for a moment",
			Do:   "the ends give up too early: FEWER or later signs of life, more patience (KeepAliveInterval, TcpMaxDataRetransmissions, a greater ServerAliveInterval)",
			Path: "putty/windows@7 > sshd", Assume: []string{"leg1:outage=60s"},
		},
	}
}

var (
	dropping = []string{"drop", "drops", "dropped", "dropping", "disconnect", "disconnects", "disconnected", "dies", "died", "lost", "loses", "gone", "aborted", "abort", "kicked"}
	sessions = []string{"windows", "putty", "ssh", "rdp", "telnet", "session", "sessions"}
	quietly  = []string{"idle", "quiet", "inactive", "inactivity", "nothing", "overnight", "lunch"}
	outage   = []string{"outage", "outages", "wifi", "wlan", "unplugged", "roaming", "hiccup", "glitch", "flap", "reboot", "suspend"}
)

// NeedsAsking reports whether a text tells of sessions that drop, but not whether
// in quiet or in outages.
func NeedsAsking(text string) bool {
	words := wordsOf(text)
	has := func(list []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
	}
	return has(dropping) && has(sessions) && has(quietly) == has(outage)
}

// asks reports whether the answers do not tell either: the best of them is a
// kernel of Windows giving up.
func asks(found []Answer) bool {
	for i := range found[:min(len(found), 3)] {
		s := &found[i].Sign
		if strings.HasPrefix(string(s.stack), "windows") && (s.Cause == CauseFlight || s.Cause == CauseProbes) && found[i].Fit == found[0].Fit {
			return true
		}
	}
	return false
}
