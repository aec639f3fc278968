# Tocsin. `make help` lists the targets. Everything a target needs beyond Go,
# make, git and gcc it builds itself, pinned under tools/, and keeps in bin/ or
# .cache/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

MODULES  := proto shell agent collector alerter e2e bench deploy/demo
TOOLS    := tools/buf tools/lint tools/gen
COMMANDS := agent collector alerter
ROOT     := $(CURDIR)
BIN      := $(ROOT)/bin
TOOLBIN  := $(BIN)/tools
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
COMMIT   ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
SHELLPKG := github.com/tocsin-security/tocsin/shell/command
LDFLAGS  := -s -w -X $(SHELLPKG).version=$(VERSION) -X $(SHELLPKG).commit=$(COMMIT)
PREFIX   ?= /usr/local
DESTDIR  ?=
FUZZTIME ?= 60s
SIGMA    := ../shared/corpora/sigmahq-rules.tgz
BENCHTIME ?= 1s

## build: the three binaries, static, into bin/
.PHONY: build
build:
	@for c in $(COMMANDS); do \
	  CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/tocsin-$$c ./$$c/cmd/tocsin-$$c; \
	done; ls -l $(BIN)/tocsin-*

## test: every test with the race detector, shuffled, then the demo's negatives
.PHONY: test
test: test-go demo-negative

.PHONY: test-go
test-go: build
	CGO_ENABLED=1 TOCSIN_BIN=$(BIN) go test -race -shuffle=on -timeout 20m work

## check: what a change must pass: format, vet, lint, contracts, generated code, modules, tests
.PHONY: check
check: fmt-check vet lint proto-check generate-check tidy-check modules-check test

.PHONY: fmt-check
fmt-check:
	@out=$$(gofmt -l $(MODULES)); test -z "$$out" || { echo "not gofmt'ed:"; echo "$$out"; exit 1; }
	@echo "gofmt: clean"

.PHONY: vet
vet:
	go vet work

## lint: golangci-lint over every module
.PHONY: lint
lint: $(TOOLBIN)/golangci-lint
	@for m in $(MODULES); do echo "golangci-lint $$m"; (cd $$m && $(TOOLBIN)/golangci-lint run --allow-parallel-runners --config $(ROOT)/.golangci.yml ./...); done

.PHONY: proto-check
proto-check: $(TOOLBIN)/buf
	$(TOOLBIN)/buf lint
	$(TOOLBIN)/buf breaking --against proto/compatible.binpb
	@echo "buf: lint and breaking clean"

## generate: the code made from proto/
.PHONY: generate
generate: $(TOOLBIN)/buf $(TOOLBIN)/protoc-gen-go
	rm -rf proto/gen
	$(TOOLBIN)/buf generate

.PHONY: generate-check
generate-check: $(TOOLBIN)/buf $(TOOLBIN)/protoc-gen-go
	@mkdir -p .cache; rm -rf .cache/generated; $(TOOLBIN)/buf generate --output .cache/generated
	diff -r .cache/generated/proto/gen proto/gen
	@echo "generated code: up to date"

# The contract that later changes are held against; renewed only when a release
# is cut, never to get a change through.
.PHONY: proto-image
proto-image: $(TOOLBIN)/buf
	$(TOOLBIN)/buf build -o proto/compatible.binpb

.PHONY: tidy-check
tidy-check:
	@for m in $(MODULES) $(TOOLS); do (cd $$m && GOWORK=off go mod tidy -diff); done; echo "go.mod: tidy"

.PHONY: modules-check
modules-check:
	@for m in $(MODULES); do (cd $$m && GOWORK=off CGO_ENABLED=0 go build ./...); done; echo "GOWORK=off builds: pass"

## demo: attacks on one host, to mails and a report, through the three real processes
.PHONY: demo
demo: build
	cd deploy/demo && go build -o $(BIN)/demo . && $(BIN)/demo -bin $(BIN) -dir $(ROOT)/.cache/demo

## demo-up: the same, left running to play with; Ctrl-C ends it
.PHONY: demo-up
demo-up: build
	cd deploy/demo && go build -o $(BIN)/demo . && $(BIN)/demo -bin $(BIN) -dir $(ROOT)/.cache/demo -up

## demo-negative: the demo must fail when mail is refused, a rule is gone, or an attack goes unannounced
.PHONY: demo-negative
demo-negative: build
	deploy/demo/negative.sh

## bench: every benchmark stage by stage, an agent's weight, the three binaries end to end; about ten minutes
GOBENCH := go test -run '^$$' -benchtime $(BENCHTIME) -benchmem -bench
.PHONY: bench
bench: build
	@echo "== agent: ns/line by parser, of the tailer, spool MB/s (fsynced), file integrity"
	$(GOBENCH) . ./agent/internal/parse
	$(GOBENCH) . ./agent/internal/pattern
	$(GOBENCH) . ./agent/internal/source/file
	$(GOBENCH) . ./agent/internal/source/journald
	$(GOBENCH) . ./agent/internal/spool
	$(GOBENCH) . ./agent/internal/source/fim
	@echo "== agent: a file integrity baseline beside AIDE and a bare walk"
	bench/fim.sh $(BIN) .cache /usr
	@echo "== proto: walk and validate, ns/event"
	$(GOBENCH) Walk ./proto/event
	@echo "== collector: opening, validating and hashing ns/event; batches stored, TLS to fsync, events/s"
	$(GOBENCH) 'Validate|Store' ./collector
	@echo "== alerter: detect ns/event with every shipped rule; by number of rules, and the public ones beside a loop; of one request"
	$(GOBENCH) Detect ./alerter/internal/detect
	$(GOBENCH) 'Match|Automaton|List' ./alerter/internal/rule
	@if [ ! -e $(SIGMA) ]; then echo "$@: SKIPPED: there is no $(SIGMA); the public rules were not measured" >&2; else \
	  rm -rf .cache/sigma && mkdir -p .cache/sigma && tar -xzf $(SIGMA) -C .cache/sigma && \
	  TOCSIN_SIGMA_RULES=$(ROOT)/.cache/sigma $(GOBENCH) Public -v ./alerter/internal/rule; fi
	$(GOBENCH) . ./alerter/internal/webattack
	@echo "== alerter: batches consumed, messages/s, beside a bare JetStream consumer"
	go test -run '^$$' -benchtime 5x -bench Consume ./alerter/internal/consume
	@echo "== alerter: correlation, ns/op and signals/s (a fixed number: the signals are made beforehand)"
	go test -run '^$$' -benchtime 100000x -benchmem -bench Signals ./alerter/internal/correlate
	go test -run '^$$' -benchtime 3x -bench 'Groups|Rebuild' ./alerter/internal/correlate
	@echo "== an agent's weight, beside gzip and wc; idle; line to ack; end to end: lines/s, CPU seconds, peak RSS; line to mail"
	cd bench && go run . -bin $(BIN) -dir $(ROOT)/.cache/bench

## corpora: lines whose meaning is known and scenarios of changing files, from beside the checkout, through the real
## agent: a table by capability; V=-v lists each miss, ONLY=lines or ONLY=fim takes one of the two
CORPORA := ../shared/corpora/dev.tgz
ONLY :=
.PHONY: corpora
corpora: build
	@if [ ! -e $(CORPORA) ]; then echo "$@: SKIPPED: there is no $(CORPORA); nothing was scored" >&2; else \
	  mkdir -p .cache/corpora && tar -xzf $(CORPORA) -C .cache/corpora && \
	  cd e2e && go run ./cmd/corpora -bin $(BIN) $(V) -only "$(ONLY)" $(ROOT)/.cache/corpora/dev; fi

## formats: message formats of seven programs, from Debian's sources, against the tables of the parsers
.PHONY: formats
formats:
	tools/formats.sh .cache/formats
	cd e2e && go run ./cmd/formats -sources $(ROOT)/.cache/formats/tree -tables $(ROOT)/agent/internal/parse/testdata/formats
	go test -count=1 -v -run 'TestFormats$$' ./agent/internal/parse

## sigma: the public set of Sigma rules from beside the checkout, unmodified, through the real alerter, and the
## events that were recorded for some of them; docs/sigma-refused.md is written anew
.PHONY: sigma
sigma: build
	@if [ ! -e $(SIGMA) ] || [ ! -e $(CORPORA) ]; then echo "$@: SKIPPED: there is no $(SIGMA) or $(CORPORA); nothing was checked" >&2; else \
	  rm -rf .cache/sigma && mkdir -p .cache/sigma .cache/corpora && tar -xzf $(SIGMA) -C .cache/sigma && tar -xzf $(CORPORA) -C .cache/corpora && \
	  cd e2e && go run ./cmd/sigma -bin $(BIN) -rules $(ROOT)/.cache/sigma -events $(ROOT)/.cache/corpora/dev/sigma_regression.jsonl -refused $(ROOT)/docs/sigma-refused.md; fi

## soak: the long forms of the crash and scale tests, and ten minutes of an idle agent
.PHONY: soak
soak: build
	cd bench && go run . -bin $(BIN) -dir $(ROOT)/.cache/bench -lines 0 -alerts 0 -single 0 -idle 10m
	cd e2e && TOCSIN_SOAK=1 TOCSIN_BIN=$(BIN) go test -count=1 -timeout 120m -v ./...

## fuzz: every fuzz target for FUZZTIME
.PHONY: fuzz
fuzz:
	tools/fuzz.sh $(FUZZTIME)

## journald: installs what the tests of the journal need, where it is missing (Debian, as root)
.PHONY: journald
journald:
	@{ command -v journalctl && test -x /usr/lib/systemd/systemd-journald; } || apt-get install --yes --no-install-recommends systemd

## install: binaries, units and example configuration below DESTDIR and PREFIX
.PHONY: install
install:
	deploy/install.sh install '$(BIN)' '$(DESTDIR)' '$(PREFIX)'

## uninstall: what install brought, never state or configuration
.PHONY: uninstall
uninstall:
	deploy/install.sh uninstall '$(BIN)' '$(DESTDIR)' '$(PREFIX)'

## clean: everything that was built
.PHONY: clean
clean:
	rm -rf bin .cache

## help: this list
.PHONY: help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

$(TOOLBIN)/buf: tools/buf/go.mod tools/buf/go.sum
	cd tools/buf && GOWORK=off CGO_ENABLED=0 go build -o $@ github.com/bufbuild/buf/cmd/buf && touch $@

$(TOOLBIN)/golangci-lint: tools/lint/go.mod tools/lint/go.sum
	cd tools/lint && GOWORK=off CGO_ENABLED=0 go build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint && touch $@

$(TOOLBIN)/protoc-gen-go: tools/gen/go.mod tools/gen/go.sum
	cd tools/gen && GOWORK=off CGO_ENABLED=0 go build -o $(TOOLBIN)/ google.golang.org/protobuf/cmd/protoc-gen-go google.golang.org/grpc/cmd/protoc-gen-go-grpc && touch $@
