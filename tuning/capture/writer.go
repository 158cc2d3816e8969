package capture

import (
	"encoding/binary"
	"io"
	"runtime"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// Writer writes packets into a pcapng file, as tcpdump -i any would have: with Linux's
// cooked header, version 2, and times in ns.
type Writer struct {
	to    *pcapgo.NgWriter
	frame []byte
}

// NewWriter begins a file. on names the interface that is watched, snap is the most
// bytes of a packet that are given.
func NewWriter(w io.Writer, on string, snap int) (*Writer, error) {
	to, err := pcapgo.NewNgWriterInterface(w, pcapgo.NgInterface{
		Name: on, LinkType: layers.LinkTypeLinuxSLL2, SnapLength: uint32(min(max(snap, 0), 1<<20) + cookedSize), TimestampResolution: 9,
	}, pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{OS: runtime.GOOS, Application: "keeptune"}})
	if err != nil {
		return nil, err
	}
	return &Writer{to, make([]byte, cookedSize, cookedSize+max(snap, 0))}, nil
}

// cookedSize is the length of the cooked header, in bytes.
const cookedSize = 20

// Write adds a packet.
func (w *Writer) Write(p *Packet) error {
	head := w.frame[:cookedSize]
	binary.BigEndian.PutUint16(head, p.EtherType)
	binary.BigEndian.PutUint32(head[4:], uint32(p.Interface)) //nolint:gosec // the kernel's number
	binary.BigEndian.PutUint16(head[8:], 0xfffe)              // ARPHRD_NONE: the link's address is left out
	head[10] = 0
	if p.Outgoing {
		head[10] = sentOut
	}
	w.frame = append(head, p.Data...)
	return w.to.WritePacket(gopacket.CaptureInfo{
		Timestamp: time.Unix(0, p.At), CaptureLength: len(w.frame), Length: max(p.Length, len(p.Data)) + cookedSize,
	}, w.frame)
}

// Finish says how many packets were received and how many were missed, and writes what
// is left. The file's end is not closed.
func (w *Writer) Finish(at time.Time, received, dropped int64) error {
	err := w.to.WriteInterfaceStats(0, pcapgo.NgInterfaceStatistics{
		LastUpdate: at, PacketsReceived: uint64(max(received, 0)), PacketsDropped: uint64(max(dropped, 0)),
	})
	if err != nil {
		return err
	}
	return w.to.Flush()
}

// Flush writes what is buffered.
func (w *Writer) Flush() error { return w.to.Flush() }
