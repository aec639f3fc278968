module github.com/tocsin-security/tocsin/deploy/demo

go 1.26.0

require (
	github.com/tocsin-security/tocsin/alerter v0.0.0
	github.com/tocsin-security/tocsin/e2e v0.0.0
	github.com/tocsin-security/tocsin/proto v0.0.0
	github.com/tocsin-security/tocsin/shell v0.0.0
)

replace github.com/tocsin-security/tocsin/proto => ../../proto

replace github.com/tocsin-security/tocsin/shell => ../../shell

replace github.com/tocsin-security/tocsin/alerter => ../../alerter

replace github.com/tocsin-security/tocsin/e2e => ../../e2e
