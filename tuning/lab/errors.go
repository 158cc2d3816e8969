package lab

// UnavailableError says in one sentence why there can be no lab on this host:
// not Linux, no namespaces for this user, or a command that is not installed.
type UnavailableError struct{ Reason string }

func (e *UnavailableError) Error() string { return e.Reason }
