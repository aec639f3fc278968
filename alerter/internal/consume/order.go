//go:build !tocsin_mutant_signals

package consume

// ackBeforeSignals is the wrong order. The end-to-end tests build it to see that
// they would notice.
const ackBeforeSignals = false
