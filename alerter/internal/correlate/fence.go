//go:build !tocsin_mutant_fence

package correlate

// fenced says that an owner asks for its lease before it writes, and writes only over
// the state that it knows. The tests build the opposite to see that they would notice.
const fenced = true
