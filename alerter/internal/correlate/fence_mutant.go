//go:build tocsin_mutant_fence

package correlate

// fenced is off in this build: who lost a lease writes on, as it must not.
const fenced = false
