module github.com/tocsin-security/tocsin/bench

go 1.26.0

require github.com/tocsin-security/tocsin/proto v0.0.0

require (
	github.com/emersion/go-sasl v0.0.0-20241020182733-b788ff22d5a6 // indirect
	github.com/emersion/go-smtp v0.25.1 // indirect
)

require (
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/nats-io/nats.go v1.55.0
	github.com/nats-io/nkeys v0.4.17 // indirect
	github.com/nats-io/nuid v1.0.1 // indirect
	github.com/tocsin-security/tocsin/alerter v0.0.0
	github.com/tocsin-security/tocsin/e2e v0.0.0
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)

replace github.com/tocsin-security/tocsin/proto => ../proto

replace github.com/tocsin-security/tocsin/shell => ../shell

replace github.com/tocsin-security/tocsin/alerter => ../alerter

replace github.com/tocsin-security/tocsin/e2e => ../e2e
