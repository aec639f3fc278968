//go:build !race

package parse

import "time"

// longLineTime is what a line at the cap may take.
const longLineTime = 20 * time.Millisecond
