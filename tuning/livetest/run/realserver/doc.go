// Package realserver starts real web servers from Debian packages for tests: on free
// loopback ports, with their own configuration, pid and temporary directories, stopped at
// the end of the test. It is imported by tests only.
package realserver
