package fim

import "sync"

// statusBoard is what the runner writes for Status to read.
type statusBoard struct {
	// mu guards status.
	mu     sync.Mutex
	status Status
}

func (b *statusBoard) get() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

func (b *statusBoard) change(change func(*Status)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.status)
}
