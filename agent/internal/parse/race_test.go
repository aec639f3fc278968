//go:build race

package parse

import "time"

// longLineTime is what a line at the cap may take under the race detector, which
// makes a program two to twenty times slower (go.dev/doc/articles/race_detector).
// One that is looked at again and again takes seconds.
const longLineTime = 100 * time.Millisecond
