//go:build !race

package parse

// raceFactor is 1: nothing slows the regexp package down.
const raceFactor = 1
