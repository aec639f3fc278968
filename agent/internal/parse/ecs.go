package parse

import (
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Events in the Elastic Common Schema, one JSON object a line: those of Beats 7 and 8
// (output.file, output.console) and of the ECS loggers for Java, .NET, Python, Go, Node
// and PHP. An object is one of them if it says so: ecs.version is required of every
// document by the schema, and each Beat writes @metadata. Written from the schema 8.11.

// isECSKey knows the keys with which an object claims the schema.
func isECSKey(key []byte) bool {
	return string(key) == "ecs.version" || string(key) == "@metadata.beat"
}

// ecsEvent takes what happened from the schema's own words; every other field of the
// registry is taken by its name. An action has no words of the schema's: it would be
// whatever an application chose, "ssh_login" too, and stays in json.event.action.
func (e *entry) ecsEvent(r *jsonReader) {
	if e.out.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION) != nil {
		return // an exception is what happened
	}
	outcome := false
	for _, p := range r.scanner.pairs {
		if p.kind != 's' || len(p.value) == 0 {
			continue
		}
		switch string(p.key) {
		case "event.category":
			if isCategory(p.value) {
				e.add(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, p.value)
			}
		case "event.outcome":
			if isOutcome(p.value) && !outcome {
				outcome = true
				e.add(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, p.value)
			}
		}
	}
	e.ecsParts(r)
	e.text(eventv1.FieldId_FIELD_ID_EVENT_ACTION, "ecs_event")
	if e.out.Get(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY) != nil {
		e.out.Class = e.classByCategory()
	}
}

// isWhat knows the keys of what happened.
func isWhat(key []byte) bool {
	switch string(key) {
	case "event.category", "event.outcome":
		return true
	}
	return false
}

func isOutcome(b []byte) bool {
	switch string(b) {
	case success, failure, unknown:
		return true
	}
	return false
}

// isCategory knows the schema's categories.
func isCategory(b []byte) bool {
	switch string(b) {
	case "api", authentication, "configuration", database, "driver", "email", "file", "host", iam, "intrusion_detection", "library", "malware", network,
		"package", process, "registry", session, "threat", "vulnerability", web:
		return true
	}
	return false
}

// ecsCommand makes the command line of its words, as a shell's history would show them.
func (e *entry) ecsCommand(r *jsonReader) {
	start := len(e.scratch)
	for _, p := range r.scanner.pairs {
		if string(p.key) != "process.args" || p.kind != 's' {
			continue
		}
		if len(e.scratch) > start {
			e.scratch = append(e.scratch, ' ')
		}
		e.scratch = append(e.scratch, p.value...)
	}
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_COMMAND_LINE, e.scratch[start:len(e.scratch):len(e.scratch)])
}

// ecsParts sets what Beats 7 write under an older name, and the parts of paths.
func (e *entry) ecsParts(r *jsonReader) {
	get := func(key string) []byte {
		for _, p := range r.scanner.pairs {
			if string(p.key) == key {
				return p.value
			}
		}
		return nil
	}
	for _, end := range [...]struct{ domain, address string }{{"source.domain", "source.address"}, {"client.domain", "client.address"}, {"destination.domain", "destination.address"}} {
		if name := get(end.domain); get(end.address) == nil && isHost(name) { // the schema wants it beside
			id, _ := event.FieldByName(end.address)
			e.add(id, name)
		}
	}
	if get("process.command_line") == nil {
		e.ecsCommand(r)
	}
	if ppid := get("process.ppid"); get("process.parent.pid") == nil {
		e.number(eventv1.FieldId_FIELD_ID_PROCESS_PARENT_PID, ppid)
	}
	if path := get("process.executable"); get("process.name") == nil && e.out.Get(eventv1.FieldId_FIELD_ID_PROCESS_NAME) == nil {
		if _, name, ok := splitLast(path, "/"); ok {
			e.add(eventv1.FieldId_FIELD_ID_PROCESS_NAME, name)
		}
	}
	if folder, name, ok := splitLast(get("file.path"), "/"); ok && get("file.name") == nil && get("file.directory") == nil {
		e.add(eventv1.FieldId_FIELD_ID_FILE_NAME, name)
		e.add(eventv1.FieldId_FIELD_ID_FILE_DIRECTORY, folder)
	}
}
