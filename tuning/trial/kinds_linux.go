package trial

// OwnKinds are the kinds of this package.
func OwnKinds() Kinds { return Kinds{SysctlKind: sysctlOf, ServerKind: serverOf} }
