package run

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"example.com/keeptune/model"
)

// What a run's error is, for errors.Is.
var (
	// ErrUnreachable: no connection, or no TLS session, could be made (exit code 3).
	ErrUnreachable = errors.New("target unreachable")
	// ErrInconclusive: the target was reached and the verdict is withheld (exit code 4).
	ErrInconclusive = errors.New("test inconclusive")
)

// An Error is why a run ended without a verdict.
type Error struct {
	Kind     error  // ErrUnreachable or ErrInconclusive
	Sentence string // one sentence, free of raw foreign text
	Err      error  // the cause, may be nil
}

// Error returns the sentence.
func (e *Error) Error() string { return e.Sentence }

// Unwrap lets errors.Is find the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// A replyError is a reply that cannot be used; its text is a clause about the server.
type replyError string

func (e replyError) Error() string { return string(e) }

// clause says what an error of a connection means, as the end of a sentence.
func clause(err error) string {
	var reply replyError
	var dns *net.DNSError
	switch {
	case errors.As(err, &reply):
		return string(reply)
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no such host"
	case errors.As(err, &dns):
		return "the name service does not answer"
	case strings.HasSuffix(err.Error(), "tls: certificate required"): // crypto/tls keeps the type to itself
		return "the server wants a client certificate: give it and its key"
	case isTimeout(err):
		return "there was no answer in time"
	case errors.Is(err, syscall.ECONNREFUSED) || refused(err):
		return "the connection was refused"
	case isReset(err):
		return "the server reset the connection"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe):
		return "the server closed the connection without a complete reply"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "there is no route to the host"
	case errors.Is(err, syscall.ENOENT):
		return "there is no such socket"
	case errors.Is(err, syscall.EACCES):
		return "this user may not connect to it"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "this machine is out of file descriptors: ask for fewer connections or raise ulimit -n"
	}
	return model.Clean(strings.TrimPrefix(err.Error(), "dial tcp: "), 160)
}

// tlsClause says why a TLS handshake failed.
func tlsClause(err error, name string) string {
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	name = model.Clean(name, 80)
	switch {
	case errors.As(err, &host):
		return fmt.Sprintf("the certificate is not valid for %s; --insecure accepts it", name)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return expiry(invalid.Cert) + "; --insecure accepts it"
	case errors.As(err, &invalid):
		return "the certificate is not valid for a server; --insecure accepts it"
	case errors.As(err, &unknown):
		return "the certificate is signed by an unknown authority; --insecure accepts it"
	case errors.As(err, &record):
		return "the server does not speak TLS on this port: try http://"
	case isTimeout(err):
		return "the TLS handshake did not finish in time"
	}
	return "the TLS handshake failed: " + clause(err)
}

func expiry(c *x509.Certificate) string {
	if time.Now().Before(c.NotBefore) {
		return "the certificate is not valid before " + c.NotBefore.UTC().Format(time.DateOnly)
	}
	return "the certificate expired on " + c.NotAfter.UTC().Format(time.DateOnly)
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, syscall.ETIMEDOUT) ||
		errors.As(err, &ne) && ne.Timeout()
}
