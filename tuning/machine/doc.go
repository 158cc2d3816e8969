// Package machine makes of what can be read of a server the values that it has in
// force: its kernel's variables, the servers that run on it, their versions and their
// configurations with every include, which of them were edited since they were read,
// and the paths that they make.
//
// It is pure: it reads through a [Host], which is this machine (tuning/host) or a test,
// and every reading is noted in the log that comes with the result. It asks for nothing
// that changes anything, but for what a server makes when it checks its files.
package machine
