//go:build tocsin_mutant_counter

package correlate

// setSemantics is off in this build: every repeat counts, as it must not.
const setSemantics = false
