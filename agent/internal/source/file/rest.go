package file

import (
	"context"
	"io/fs"
	"time"
)

// untilRested is how long the loop may sleep before a last line has rested.
func (r *runner) untilRested() time.Duration {
	wait := time.Hour
	for t := range r.waiting {
		wait = min(wait, time.Until(t.grew.Add(r.pause(t))))
	}
	return max(wait, time.Millisecond)
}

func (r *runner) giveOutRested(ctx context.Context) error {
	for t := range r.waiting {
		if time.Since(t.grew) < r.pause(t) {
			continue
		}
		l, err := r.lookNow(t)
		if err == nil && (l.size != t.seen.size || l.changed != t.seen.changed) {
			r.enqueue(t) // it has grown since; serve will make it wait again
			r.setWaiting(t, false)
			continue
		}
		if err := r.putRest(ctx, t); err != nil {
			return err
		}
		r.show(t)
	}
	r.letGo()
	return nil
}

func (r *runner) lookNow(t *tail) (look, error) {
	if t.file != nil {
		return t.file.look()
	}
	if t.path == "" {
		return look{}, fs.ErrNotExist
	}
	l, err := lookAt(t.path)
	if err == nil && l.id != t.id {
		err = fs.ErrNotExist
	}
	return l, err
}
