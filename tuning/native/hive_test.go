package native_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"
)

// emptyHive is a registry hive with a root key and nothing in it: a header, and
// one block with the key, its security descriptor and free space (the layout
// that hivex/lib/hivex-internal.h names ntreg_header, ntreg_hbin_page,
// ntreg_nk_record and ntreg_sk_record).
func emptyHive() []byte {
	const page, root, security = 0x1000, 0x20, 0x80
	le := binary.LittleEndian
	b := make([]byte, 2*page)
	copy(b, "regf")
	le.PutUint32(b[4:], 1)  // two equal sequence numbers: written whole
	le.PutUint32(b[8:], 1)  //
	le.PutUint32(b[20:], 1) // version 1.3
	le.PutUint32(b[24:], 3) //
	le.PutUint32(b[32:], 1)
	le.PutUint32(b[36:], root)
	le.PutUint32(b[40:], page) // length of all blocks
	le.PutUint32(b[44:], 1)
	var sum uint32
	for i := 0; i < 508; i += 4 {
		sum ^= le.Uint32(b[i:])
	}
	le.PutUint32(b[508:], sum)

	h := b[page:]
	copy(h, "hbin")
	le.PutUint32(h[8:], page)

	const none = 0xffffffff
	nk := h[root:]
	cell := func(c []byte, size int32) { le.PutUint32(c, uint32(-size)) } // negative: in use
	cell(nk, security-root)
	copy(nk[4:], "nk")
	le.PutUint16(nk[6:], 0x2c) // root of a hive, not to be deleted, name in ASCII
	for _, at := range []int{32, 36, 44, 52} {
		le.PutUint32(nk[at:], none) // no subkeys, values, class
	}
	le.PutUint32(nk[48:], security)
	name := "$$$PROTO.HIV"
	le.PutUint16(nk[76:], uint16(len(name)))
	copy(nk[80:], name)

	sk := h[security:]
	cell(sk, 48)
	copy(sk[4:], "sk")
	le.PutUint32(sk[8:], security) // a list of one
	le.PutUint32(sk[12:], security)
	le.PutUint32(sk[16:], 1)
	le.PutUint32(sk[20:], 20)
	copy(sk[24:], []byte{1, 0, 0, 0x80}) // self-relative, without owner, group and lists

	le.PutUint32(h[security+48:], page-security-48) // the rest is free
	return b
}

// TestEmptyHive holds the fixture against its generator.
func TestEmptyHive(t *testing.T) {
	if *update {
		if err := os.WriteFile("testdata/empty.hive", emptyHive(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("testdata/empty.hive")
	if err != nil || !bytes.Equal(got, emptyHive()) {
		t.Errorf("testdata/empty.hive is not what emptyHive makes (%v)", err)
	}
}
