package explain

import (
	"fmt"
	"strings"

	"example.com/keeptune/model"
)

// Says is what happens at the time of the sign, in a sentence without a full stop.
func (s *Sign) Says() string {
	name := s.System.Name
	if s.Endpoint != "" {
		name = string(s.Endpoint)
	}
	switch s.Cause {
	case CauseIdle:
		if s.Closes == model.CloseAtReuse {
			return name + " does not use a connection again that was idle for so long"
		}
		return name + " ends a connection that is idle for so long"
	case CauseBox:
		return name + " forgets a connection on which nothing passes for so long"
	case CauseAge:
		return name + " lets no connection grow older"
	case CauseFirstByte:
		return name + " waits so long for the first byte of a new connection"
	case CauseHeader:
		return name + " waits so long for a request's header to be whole"
	case CauseResponse:
		if s.Face == model.FaceClient {
			return name + " waits so long for an answer"
		}
		return name + " waits so long for a request's body, or for what it asked for itself"
	case CauseSend:
		return name + " waits so long for the other end to take what it sends"
	case CauseHeartbeat:
		return name + " asks for a sign of life after so much silence; the question itself ends nothing"
	case CauseUnanswered:
		return name + " gives a peer up that leaves its signs of life without an answer"
	case CauseProbes:
		return name + " gives a dead peer up on a quiet connection: TCP probes without an answer"
	case CauseFirstProbe:
		return name + " sends the first TCP probe then: a host that was restarted, or a box that forgot the connection, answers it with RST"
	case CauseFlight:
		return name + " gives up data that nobody acknowledges: the other end, or the way to it, was gone all the while"
	case CauseConnect:
		return name + " gives a connect up that nobody answers"
	case CauseWindow:
		return name + " gives up a peer that stopped reading and then fell silent"
	case CauseOrphan:
		return name + " gives up a closed connection whose last bytes nobody acknowledges"
	case CauseFinWait:
		return name + " waits so long for the other end to close, too"
	}
	return name
}

// windowsErrors are the errors of Winsock (learn.microsoft.com, Windows Sockets
// Error Codes).
var windowsErrors = map[Cause]string{
	CauseProbes: "WSAENETRESET 10052", CauseFlight: "WSAECONNABORTED 10053", CauseConnect: "WSAETIMEDOUT 10060",
}

// Seen is which side is seen to close, and how.
func (s *Sign) Seen() string {
	side := "the " + s.By
	if strings.HasPrefix(s.By, "the ") {
		side = s.By
	}
	switch {
	case s.Cause == CauseHeartbeat:
		return side + " sends something; nobody closes"
	case s.Cause == CauseFirstProbe:
		return "the side that probes gets RST (ECONNRESET); the other end may never learn of it"
	case s.Cause == CauseFinWait || s.Cause == CauseOrphan:
		return "nothing is seen: the program had closed before"
	case s.Closes == ClosesTimeout:
		name := "ETIMEDOUT, or EHOSTUNREACH where a router answers"
		if s.Cause == CauseProbes {
			name = "ETIMEDOUT"
		}
		if w := windowsErrors[s.Cause]; w != "" && strings.HasPrefix(string(s.stack), "windows") {
			name = w
		}
		return side + " gets an error (" + name + "); the other end sees nothing, at most a RST"
	}
	switch s.Closes {
	case model.CloseFIN:
		return side + " closes, with FIN"
	case model.CloseRST, model.CloseRSTBoth:
		return side + " closes, with RST"
	case model.CloseAtReuse:
		return "nobody, until " + side + " would use the connection again"
	case model.CloseSilent:
		return "nobody: packets vanish from then on, and each end waits"
	case model.CloseRSTOnSend:
		return "nobody, until either end sends: then it gets RST"
	case model.CloseRSTOnSendOne:
		return "nobody, until one end sends: that one gets RST, the other end learns nothing"
	case model.CloseRenewed:
		return "nobody: the client's next packet passes again, the server's is answered with RST"
	default:
	}
	if s.Cause == CauseBox {
		return side + " forgets it; whether an end is told is not known"
	}
	return side + " closes; whether with FIN or RST is not known"
}

// Next is what to look at or to run, the most telling first. The path is the one
// that was given, or empty.
func (s *Sign) Next(path string) []string {
	id := string(s.System.ID)
	if !s.Current && s.Before != "" && s.Since != "" {
		id += "@" + string(s.Since)
	}
	check := fmt.Sprintf("keeptune systems %s", id)
	if path != "" {
		check = fmt.Sprintf("keeptune check --path '%s'", path)
	}
	calc := "keeptune calc --os " + id
	if s.System.Kind != "os" {
		calc = check
	}
	switch s.Cause {
	case CauseIdle, CauseAge:
		if s.Face == model.FaceServer {
			return []string{"keeptune probe TARGET --server " + string(s.System.ID) + " sees when and how it closes", check}
		}
		return []string{check, "the far side has to keep the connection for longer than this"}
	case CauseBox:
		return []string{"keeptune probe TARGET --ladder finds the idle gap that the path forgets", "signs of life more often than " + model.HumanSpan(s.Low) + ", or a shorter idle timeout at both ends"}
	case CauseFirstByte, CauseHeader:
		return []string{"keeptune probe TARGET sees how long a silent connection is kept", check}
	case CauseResponse, CauseSend:
		return []string{"the other end's log at that moment: is it working, or gone?", check}
	case CauseHeartbeat, CauseUnanswered:
		return []string{check, "a capture of the quiet connection shows the questions and who leaves them unanswered"}
	case CauseProbes, CauseFirstProbe:
		if s.stack != model.StackLinux {
			return []string{"a capture of the quiet connection shows the probes", calc + " --keepalive on"}
		}
		return []string{"ss -tno shows each connection's keepalive timer", calc + " --keepalive on"}
	case CauseFlight, CauseWindow:
		if s.stack != model.StackLinux {
			return []string{"a capture shows the retransmissions, each after twice the time of the one before", calc}
		}
		return []string{"ss -tni shows backoff and unacked data while it hangs", calc + " tells what TCP_USER_TIMEOUT or fewer retries make of it"}
	case CauseConnect:
		return []string{"a firewall that drops SYN in silence, or a host that is gone: nc -vz HOST PORT", calc}
	case CauseOrphan, CauseFinWait:
		return []string{"ss -tan state fin-wait-2 state fin-wait-1 (Linux)"}
	}
	return []string{check}
}

// Title is the setting and its value, to be read.
func (s *Sign) Title() string {
	if s.Value == "" {
		return s.Setting
	}
	return s.Setting + " = " + s.Value
}

// Really is what a real timer makes of it, empty where that is the time itself.
func (s *Sign) Really() string {
	if s.Low == s.After && s.High == s.After {
		return ""
	}
	return model.HumanRange(s.Low, s.High)
}
