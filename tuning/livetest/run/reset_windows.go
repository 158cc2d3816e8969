package run

import (
	"errors"

	"golang.org/x/sys/windows"
)

func isReset(err error) bool {
	return errors.Is(err, windows.WSAECONNRESET) || errors.Is(err, windows.WSAECONNABORTED)
}

func refused(err error) bool { return errors.Is(err, windows.WSAECONNREFUSED) }
