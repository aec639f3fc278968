// Command follow is the downstream consumer of docs/consumers.md: it prints the
// login events of the whole fleet as JSON. Usage: follow NATS-URL NKEY-FILE
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

func main() {
	ctx := context.Background()
	conn := must(nats.Connect(os.Args[1], must(nats.NkeyOptionFromSeed(os.Args[2]))))
	js := must(jetstream.New(conn))
	codec := must(event.NewCodec())
	const class = eventv1.Class_CLASS_AUTH
	consumer := must(js.OrderedConsumer(ctx, subject.EventsStream(class), jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{subject.EventsFilter(class)}, // or subject.Events(class, agent) for one host
	}))
	messages := must(consumer.Messages())
	for {
		message := must(messages.Next())
		batch := must(codec.Open(nil, message.Data()))
		var walker event.Walker
		header := must(walker.Open(batch))
		var e event.Event
		for index := 0; must(walker.Next(&e)); index++ {
			meta := event.Meta{ID: event.ID(&header, index), Class: class, AgentID: header.Agent}
			fmt.Printf("%s\n", event.AppendJSON(nil, &e, meta))
		}
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
