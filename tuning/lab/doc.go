// Package lab holds the arithmetic of [detect] against the running kernel: it
// makes connections through a router in network namespaces of its own, cuts
// the path there with nft so that neither end sees an error, and compares how
// long the kernel takes to give the peer up with what was predicted.
//
// Everything happens in a copy of this program in a new user and network
// namespace, which needs no root where the kernel allows that; nothing outside
// is touched, and all of it vanishes with the copy. A program that calls [Run]
// calls [Inside] first thing.
package lab
