// Package proof holds the catalog against the real products. For every product that
// Debian 12 or npm packages, its tests start the real thing, at its defaults and with
// what is exported for it, probe or watch it, and compare what a packet capture saw
// with what the catalog predicts. It holds nothing but tests.
//
// The tests without a build tag hold the table of what is proved against the
// catalog's [[proved]] rows. Those with the tag real run the products ("make
// test-real"); those with the tags real and long wait longer than 130 s
// ("make test-long").
package proof
