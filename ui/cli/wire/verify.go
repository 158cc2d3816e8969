package wire

import "time"

// VerifySchema names the shape of [Verify].
const VerifySchema = "keeptune.verify/1"

// A Verify is a session beside what a host has: keeptune verify --format json.
type Verify struct {
	Schema   string     `json:"schema"`
	Version  string     `json:"version"`
	Session  string     `json:"session"`
	Taken    time.Time  `json:"taken"`
	Settings []Verified `json:"settings"`
	NotRead  []string   `json:"not_read"` // settings of which nothing was read, and what would have it read
}

// A Verified is one setting of a session.
type Verified struct {
	Endpoint string  `json:"endpoint"`
	Param    string  `json:"param"`
	Wanted   string  `json:"wanted"`
	Found    *string `json:"found"` // null where it could not be read
	Same     bool    `json:"same"`
	Source   string  `json:"source"` // where it was found: the variable, file:line, default
	Why      *string `json:"why"`    // it could not be read
}
