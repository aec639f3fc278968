//go:build !tocsin_mutant_counter

package correlate

// setSemantics says that a signal counts once however often it comes. The tests
// build the opposite to see that they would notice.
const setSemantics = true
