package parse

import "testing"

func TestPlain(t *testing.T) { testCases(t, "plain", plainCases) }

func FuzzPlain(f *testing.F) { fuzzParser(f, "plain", plainCases) }

var plainCases = []lineCase{
	{
		`just a line`,
		"app plain", ``,
	},
	{
		`2025-10-07 09:00:00 a line with a time`,
		"app plain 2025-10-07T09:00:00Z", ``,
	},
	{
		`ERROR:root:not for this parser`,
		"app plain", ``,
	},
}
