package alerter

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/correlate"
	"github.com/tocsin-security/tocsin/alerter/internal/detect"
	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/notify"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/email"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	"github.com/tocsin-security/tocsin/alerter/rules"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/shell/command"
)

// maxLine bounds one line of input: an event of the largest size, as JSON with
// every byte escaped.
const maxLine = 6 * event.MaxEvent

// Input is one stream of events, one JSON object a line.
type Input struct {
	Name   string
	Reader io.Reader
}

// Explanation says what Explain is to read, ask and write.
type Explanation struct {
	// Inputs are read one after the other.
	Inputs []Input
	// Rules are files and folders; none stands for the configured rules, or for
	// the shipped ones.
	Rules []string
	// Config may be nil: then nothing is overlooked, and Preview has one mail for
	// each alert.
	Config *config.Config
	// Lists are files of values by name, and Pipelines files that change rules as they
	// are read, beside those of Config.
	Lists     map[string]string
	Pipelines []string
	// Raw takes the events' own names as the fields' names, and ignores log sources.
	Raw bool
	// Why names a rule, by id or title: then text is written, for each event why it
	// satisfies the rule or does not, and what the rule finds.
	Why string
	// All writes every match; Notify adds the notifications that would be sent.
	All, Notify bool
	// Out takes findings, Err the lines that could not be read.
	Out, Err io.Writer
}

// explainLateness is how far the clock may go back between lines and files: logs
// that are rotated weekly may be given in any order. A running alerter waits an
// hour unless configured otherwise, because it holds the signals of a fleet.
const explainLateness = 8 * 24 * time.Hour

// Explain writes one JSON object for each finding of the rules in the events, on
// a clock that the events drive. It returns command.ErrSilent if it had to skip
// lines.
func Explain(ctx context.Context, x Explanation) error {
	set, err := x.load()
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(x.Out, 64<<10)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	e := newExplainer(x, set, encoder.Encode)
	if x.Why != "" {
		if e.reasons, err = newReasons(set, x.Why, out); err != nil {
			return err
		}
		e.write = e.reasons.found
	}
	if err := e.run(ctx); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	if e.skipped {
		return command.ErrSilent
	}
	return nil
}

func (x *Explanation) load() (*rule.Set, error) {
	if len(x.Rules) == 0 && x.Config != nil && !x.Raw {
		cfg := *x.Config
		cfg.Rules.Lists, cfg.Rules.Pipelines = x.lists(), x.pipelines()
		return loadRules(&cfg)
	}
	o := rule.Options{Paths: x.Rules, Pipelines: x.pipelines(), Raw: x.Raw}
	var err error
	if o.Lists, err = loadLists(x.lists()); err != nil {
		return nil, err
	}
	if len(x.Rules) == 0 {
		o.Shipped = rules.Shipped()
	}
	set, err := rule.Load(o)
	if err != nil {
		return nil, command.Config(err)
	}
	return set, nil
}

// explainer runs events through the stages that an alerter has.
type explainer struct {
	Explanation
	set      *rule.Set
	detector *detect.Detector
	engine   *correlate.Engine
	// write takes an object of each finding and notification.
	write func(any) error
	// reasons are nil unless it is asked why.
	reasons *reasons
	seq     uint64
	clock   int64
	skipped bool
	signals []*alertv1.Signal
	// ordinals are those of the events that matched, by the hash of their id: a line
	// that comes again is the same event.
	ordinals map[[16]byte]uint64
	// alerts are as they last were, by id.
	alerts map[string]*alertv1.Alert
}

func newExplainer(x Explanation, set *rule.Set, write func(any) error) *explainer {
	return &explainer{
		Explanation: x, set: set, detector: detect.New(set), write: write,
		engine:   correlate.New(correlate.Options{Roots: set.Roots(), Lateness: explainLateness}),
		ordinals: make(map[[16]byte]uint64), alerts: make(map[string]*alertv1.Alert),
	}
}

// run reads all inputs, and ends what they leave open.
func (e *explainer) run(ctx context.Context) error {
	for _, in := range e.Inputs {
		if err := e.read(ctx, in); err != nil {
			return err
		}
	}
	e.engine.Finish()
	return errors.Join(e.findings(), e.notifications())
}

func (e *explainer) read(ctx context.Context, in Input) error {
	lines := bufio.NewReaderSize(in.Reader, 64<<10)
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, tooLong, err := readLine(lines)
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return fmt.Errorf("read %s: %w", in.Name, err)
		}
		switch {
		case tooLong:
			e.skip(in.Name, n, errors.New("line is too long"))
		case len(line) > 0:
			if err := e.event(line, in.Name, n); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
	}
}

// readLine reads one line without its end, or the whole of one that is too long
// without keeping it.
func readLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if !tooLong {
			line = append(line, part...)
		}
		if len(line) > maxLine {
			line, tooLong = nil, true
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
			line = line[:len(line)-1]
		}
		return line, tooLong, err
	}
}

func (e *explainer) skip(name string, line int, err error) {
	e.skipped = true
	_, _ = fmt.Fprintf(e.Err, "%s:%d: %v\n", name, line, err) // there is nobody else to tell
}

func (e *explainer) event(line []byte, name string, n int) error {
	parsed, meta, err := event.ParseJSON(line)
	if err != nil {
		e.skip(name, n, err)
		return nil
	}
	in := finding.Event{
		Event: *parsed, Class: meta.Class, Agent: meta.AgentID, Host: meta.HostName, GivenID: meta.ID,
		Corrected: parsed.Time, Received: parsed.Time,
	}
	if in.Class == eventv1.Class_CLASS_UNSPECIFIED {
		in.Class = classOf(parsed)
	}
	if in.GivenID == "" {
		in.GivenID = event.HashID(fmt.Sprintf("%s:%d", name, n))
	}
	if in.Host == "" {
		in.Sender = string(in.Get(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_HOSTNAME))
	}
	// The order of the input, where times are equal.
	e.seq++
	known, again := e.ordinals[event.IDHash(in.GivenID)]
	in.Ordinal = e.seq
	if again {
		in.Ordinal = known
	}
	if e.All {
		if err := e.matches(in); err != nil {
			return err
		}
	}
	if e.reasons != nil {
		if err := e.reasons.event(e.detector, in, fmt.Sprintf("%s:%d", name, n)); err != nil {
			return err
		}
	}
	e.signals = e.signals[:0]
	e.detector.Detect(&in, func(s finding.Signal) { e.signals = append(e.signals, s.Signal) })
	if e.reasons != nil {
		if err := e.reasons.counted(e.signals); err != nil {
			return err
		}
	}
	if len(e.signals) > 0 {
		e.ordinals[event.IDHash(in.GivenID)] = in.Ordinal
	}
	e.clock = max(e.clock, parsed.Time)
	e.engine.Add(e.seq, time.Unix(0, e.clock), e.signals)
	err = e.findings()
	if !e.Notify {
		e.engine.Discard()
	}
	return err
}

// matches writes every detection that an event satisfies.
func (e *explainer) matches(in finding.Event) error {
	in.Fields = slices.Clip(in.Fields) // what is derived here is derived again
	var infos []*rule.Info
	e.detector.Matches(&in, func(r *rule.Info) { infos = append(infos, r) })
	get := func(name string) []byte {
		switch name {
		case "host.name":
			return []byte(in.Host)
		case "agent.id":
			return []byte(in.Agent)
		}
		for i := range in.Fields {
			if in.Fields[i].Name() == name {
				return in.Fields[i].Value
			}
		}
		return nil
	}
	for _, r := range infos {
		group := make(map[string]string)
		if root := e.set.Root(r.Hash); root != nil && len(root.GroupBy) > 0 {
			for _, field := range root.GroupBy {
				group[field] = string(get(field))
			}
		} else {
			for _, field := range rule.DefaultGroup(in.Class, get) {
				group[field] = string(get(field))
			}
			group["host.name"] = cmp.Or(in.Host, in.Sender)
		}
		found := object{}
		found.rule(&alertv1.Rule{Id: r.ID, Name: r.Name, Type: string(r.Type), Level: r.Level, Tags: r.Tags, Shadow: r.Shadow})
		found.event(in.Time, []string{in.EventID()}, 1)
		found["group"] = group
		for _, field := range lastFields() {
			if value := get(field); len(value) > 0 {
				found.put(field, string(value))
			}
		}
		if err := e.write(found); err != nil {
			return fmt.Errorf("write finding: %w", err)
		}
	}
	return nil
}

// findings writes what opened.
func (e *explainer) findings() error {
	if _, opened := e.engine.Pending(); opened == 0 {
		return nil
	}
	for _, change := range e.engine.Take(true) {
		e.remember(change.Alerts)
		for _, a := range change.Opened {
			if e.All && rule.Type(a.GetRule().GetType()) == rule.Detection {
				continue // written as a match
			}
			if err := e.write(findingOf(a)); err != nil {
				return fmt.Errorf("write finding: %w", err)
			}
		}
	}
	return nil
}

// remember keeps alerts as they are now, where their end is of interest.
func (e *explainer) remember(alerts []*alertv1.Alert) {
	if e.Notify {
		for _, a := range alerts {
			e.alerts[a.GetId()] = a
		}
	}
}

// notifications writes what would be sent.
func (e *explainer) notifications() error {
	if !e.Notify {
		return nil
	}
	for _, change := range e.engine.Take(false) {
		e.remember(change.Alerts)
	}
	list := slices.DeleteFunc(slices.Collect(maps.Values(e.alerts)), func(a *alertv1.Alert) bool {
		return a.GetState() == alertv1.AlertState_ALERT_STATE_MERGED
	})
	slices.SortFunc(list, func(a, b *alertv1.Alert) int {
		return cmp.Or(cmp.Compare(a.GetOpened(), b.GetOpened()), cmp.Compare(a.GetId(), b.GetId()))
	})
	cfg := e.Config
	if cfg == nil {
		cfg = previewConfig()
	}
	hints := func(ruleID string) (email.Hints, bool) { return hintsOf(e.set, ruleID) }
	previews, err := notify.PreviewAlerts(cfg, list, hints)
	if err != nil {
		return err
	}
	for _, p := range previews {
		if err := e.write(map[string]notify.Preview{"notification": p}); err != nil {
			return fmt.Errorf("write notification: %w", err)
		}
	}
	return nil
}

// lastFields are what a finding shows of its last event.
func lastFields() []string {
	return []string{
		"host.name", "source.ip", "user.name", "file.path", "url.original",
		"tocsin.web.attack.class", "tocsin.web.attack.score", "tocsin.web.attack.parameter",
	}
}

// findingOf renders an alert that just opened.
func findingOf(a *alertv1.Alert) object {
	found := object{}
	found.rule(a.GetRule())
	found.event(int64(a.GetLastEvent()), a.GetEventIds(), a.GetCount())
	group := make(map[string]string, len(a.GetGroup()))
	for _, g := range a.GetGroup() {
		group[g.GetField()] = g.GetValue()
	}
	found["group"] = group
	for _, name := range lastFields() {
		for _, field := range a.GetLast().GetFields() {
			if id, ok := event.FieldByName(name); ok && field.GetId() == id && len(field.GetValue()) > 0 {
				found.put(name, string(field.GetValue()))
			}
		}
	}
	return found
}

// isNumber tells whether a field is rendered as a JSON number.
func isNumber(name string) bool {
	id, ok := event.FieldByName(name)
	return ok && event.SpecOf(id).Type == eventv1.FieldType_FIELD_TYPE_LONG
}
