package ui

import (
	"testing"

	"example.com/keeptune/tuning/trace/packets"
)

// A capture is read and shown over the whole screen; what is none is told in a sentence.
func TestCaptureOnTheScreen(t *testing.T) {
	segments, err := packets.Parse(`
open 0 a
ask 1 a
6.001 a < fin
6.002 a > fin
`)
	if err != nil {
		t.Fatal(err)
	}
	file, err := packets.Pcap(segments)
	if err != nil {
		t.Fatal(err)
	}
	d := sit(t, "chrome > nginx@1.30.0", 80, 24)
	d.fake.captures = map[string][]byte{"my trace.pcap": file, "text": []byte("hello, world")}
	d.press(":", "pcap 'my trace.pcap'", "Enter")
	d.shows("CAPTURE     my trace.pcap: ")
	d.shows("The server closed 1 connection after 5 s of silence")
	d.press("q")
	d.shows("LIMIT")
	d.press(":", "pcap missing", "Enter")
	d.shows("cannot read missing: no such file")
	d.press(":", "pcap text", "Enter")
	d.shows("no capture: begins with 68 65 6c 6c")
	for _, none := range []string{"pcap", "pcap -"} {
		d.press(":", none, "Enter")
		d.shows("pcap takes a file of tcpdump or Wireshark, such as :pcap trace.pcapng")
	}
}
