package fimscenario

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// abreast is how many scenarios run at once: they mostly wait.
const abreast = 6

// ReadFiles reads the scenarios of files.
func ReadFiles(files ...string) ([]Scenario, error) {
	var all []Scenario
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		some, err := Read(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// Table runs scenarios and prints how each came out. Its error says how many came
// out wrong, or that there were none.
func (r *Runner) Table(ctx context.Context, out io.Writer, all []Scenario) error {
	results := make([]chan Result, len(all))
	slots := make(chan struct{}, abreast)
	for i := range all {
		results[i] = make(chan Result, 1)
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			res, err := r.Run(ctx, &all[i])
			if err != nil {
				res.Wrong = append(res.Wrong, err.Error())
			}
			results[i] <- res
		}()
	}
	var right, wrong, skipped int
	var failed error
	for i := range all {
		res := <-results[i]
		switch {
		case len(res.Wrong) > 0:
			wrong++
		case res.Skipped != "":
			skipped++
		default:
			right++
		}
		failed = errors.Join(failed, res.print(out, &all[i]))
	}
	_, err := fmt.Fprintf(out, "%d right, %d wrong, %d skipped\n", right, wrong, skipped)
	if wrong > 0 || right == 0 {
		err = errors.Join(err, fmt.Errorf("%d of %d scenarios came out wrong", wrong, right+wrong))
	}
	return errors.Join(failed, err)
}

func (res *Result) print(out io.Writer, s *Scenario) error {
	verdict := "right"
	switch {
	case len(res.Wrong) > 0:
		verdict = "WRONG"
	case res.Skipped != "":
		verdict = "SKIPPED: " + res.Skipped
	}
	_, err := fmt.Fprintf(out, "%-52s %3d expected %3d events %6s  %s\n", s.ID, len(s.Expect), res.Events, res.Latency.Round(10*time.Millisecond), verdict)
	for _, what := range res.Wrong {
		if _, lineErr := fmt.Fprintf(out, "    %s\n", what); lineErr != nil {
			err = errors.Join(err, lineErr)
		}
	}
	return err
}
