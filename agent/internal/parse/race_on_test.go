//go:build race

package parse

// raceFactor is by how much the race detector slows the regexp package down.
const raceFactor = 10
