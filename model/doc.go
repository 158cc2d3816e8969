// Package model is the vocabulary of connection keep-alive: what a connection
// is made of and what is known about it. It is pure data; nothing here reads a
// file, a socket or a clock.
//
// A [System] is a product or an operating system (nginx, Internet Explorer,
// Linux) with its parameters, loaded from one TOML file each by a [Catalog].
// A [Param] is one knob: its role in the arithmetic, its native unit, what its
// zero means, and its default by version, each with a source.
//
// A [Path] is a row of [Endpoint]s, client first. Each endpoint is a system at
// a version on an operating system, with the [Setting]s that differ from the
// defaults, each with its [Origin]. A product that is client and server at
// once (a proxy) has two faces; which one is meant follows from where it
// stands. Two neighbours that end a TCP connection form a leg; boxes that only
// forward stand inside one.
//
// A [Document] is all that a person saves. It changes only by an [Edit], and
// [History] keeps every state for undo.
package model
