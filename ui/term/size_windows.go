package term

import "context"

// OnResize does nothing: the Windows console tells of its size as of a key.
func OnResize(context.Context, func()) {}
