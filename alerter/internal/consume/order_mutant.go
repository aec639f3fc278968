//go:build tocsin_mutant_signals

package consume

// ackBeforeSignals gives a batch up before its signals are stored, as it must
// not.
const ackBeforeSignals = true
