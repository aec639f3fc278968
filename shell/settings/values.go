package settings

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Duration is a length of time: Go's units and "d" for 24 hours ("90s", "7d").
type Duration time.Duration

// UnmarshalYAML reads a duration.
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	v, err := ParseDuration(node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	*d = Duration(v)
	return nil
}

// MarshalYAML writes it the way it is read.
func (d Duration) MarshalYAML() (any, error) { return time.Duration(d).String(), nil }

// ParseDuration reads what Duration reads.
func ParseDuration(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		if err == nil && n >= 0 && n < 100_000 {
			return time.Duration(n * 24 * float64(time.Hour)), nil
		}
	}
	v, err := time.ParseDuration(text)
	if err != nil || v < 0 {
		return 0, fmt.Errorf("%q is no duration (examples: 500ms, 30s, 5m, 4h, 7d)", text)
	}
	return v, nil
}

// Bytes is a size: a number of bytes, or one with KiB, MiB, GiB, TiB (powers of
// 1024) or kB, MB, GB, TB (powers of 1000).
type Bytes int64

// UnmarshalYAML reads a size.
func (b *Bytes) UnmarshalYAML(node *yaml.Node) error {
	v, err := parseBytes(node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	*b = v
	return nil
}

func parseBytes(text string) (Bytes, error) {
	number, factor := text, float64(1)
	for i, unit := range []string{"KiB", "MiB", "GiB", "TiB", "kB", "MB", "GB", "TB"} {
		if rest, ok := strings.CutSuffix(text, unit); ok {
			base := 1024.0
			if i >= 4 {
				base = 1000
			}
			number, factor = strings.TrimSpace(rest), math.Pow(base, float64(i%4+1))
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n < 0 || n*factor > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q is no size (examples: 65536, 256KiB, 1GiB)", text)
	}
	return Bytes(n * factor), nil
}

// Secret is a secret that was given either in place or by the file that holds
// it, whose trailing newline does not count. Both at once is an error.
func Secret(value, file string) (string, error) {
	if file == "" {
		return value, nil
	}
	if value != "" {
		return "", errors.New("given twice: in place and as a file")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	return strings.TrimRight(string(data), "\r\n"), nil
}
