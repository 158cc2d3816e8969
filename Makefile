# Every target works from a fresh clone with Go and, where said, Debian packages.

GOLANGCI_VERSION := 2.15.0
GOBIN := $(shell go env GOPATH)/bin
GOLANGCI := $(GOBIN)/golangci-lint

.PHONY: help run build test test-times test-laws test-real test-long prove mutants fuzz lint vet bench docs clean golangci

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "%-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## open the first screen; ARGS="demo --ascii" passes arguments
	@go run . $(ARGS)

build: ## static binary in bin/
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/keeptune .

# The compiler collects little of a gibibyte, and tests, which need less, little of a
# quarter. No debugger looks at them, and names are looked up as the released program
# does it, without C (GOFLAGS, so that the programs which tests build are compiled the
# same way). The vet of `make lint` stands for that of go test. RUN='TestName' picks
# tests.
RUN := .
TEST := GOGC=off GOMEMLIMIT=1GiB GORACE=atexit_sleep_ms=10 GOFLAGS='-gcflags=all=-dwarf=false -tags=netgo,osusergo' go test -race -vet=off -exec='env GOMEMLIMIT=256MiB' -p 4 -parallel 16 -timeout 30m -run '$(RUN)'
test: ## all tests that need no server, with the race detector
	@.ci/deps test
	@.ci/report $(TEST) ./...

test-times: ## the same, anew, and its ten slowest tests
	@.ci/deps test
	@.ci/report -slowest 10 $(TEST) -count=1 ./...

LAWS := ./model ./tuning ./tuning/detect ./tuning/native ./ui ./ui/widget ./ui/cli
test-laws: ## laws against many more random cases
	@KEEPTUNE_LONG=1 .ci/report go test -vet=off -count=1 -timeout 20m $(LAWS)

# Only packages with tests of that tag are built and run. Built first, so that nothing
# compiles while times are measured. Then in turn, so that no part disturbs another: what
# starts many programs for a moment; the lab's kernels; what waits (for servers' idle times
# and the times of configurations), all side by side; and last what needs the machine to
# itself. Other people's programs on a busy machine can be late beyond every bound, so up
# to three failures of a part are tried once more, alone, and told.
REAL := .ci/report -again 3 go test -tags real -vet=off -count=1 -timeout 20m
WAITS := ./tuning/livetest/run ./tuning/proof
REALS = $(shell grep -rlE '^//go:build .*\breal\b' --include='*_test.go' . | xargs -n1 dirname | sort -u)
test-real: ## tests against real servers; KEEPTUNE_REQUIRE_REAL=1 fails where one is missing
	@.ci/deps real
	@go test -tags real -vet=off -run '^$$' $(REALS) > /dev/null 2>&1 || true
	@$(REAL) -run Real -skip 'Contexts$$' -p 1 -parallel 3 $(filter-out ./tuning/lab $(WAITS),$(REALS))
	@$(REAL) -run Real ./tuning/lab
	@said=$$(mktemp); $(REAL) -run 'Contexts$$' -parallel 4 ./tuning/native > $$said & contexts=$$!; \
	$(REAL) -run Real -p 2 -parallel 64 $(WAITS); status=$$?; \
	wait $$contexts || status=1; cat $$said; rm $$said; exit $$status
	@$(REAL) -run Alone -parallel 8 ./tuning/livetest/run

test-long: ## the tests that wait for minutes
	@.ci/deps real
	@.ci/report go test -tags 'real long' -vet=off -run Long -count=1 -timeout 60m -p 2 -parallel 64 ./...

# A version that agrees is a line of tuning/proof/testdata/runs.tsv, against which the
# tests hold the catalog.
prove: ## released versions of servers against the catalog; SYSTEMS="nginx haproxy" picks some
	@.ci/prove $(SYSTEMS)

# One package takes half a minute to some minutes on two cores. PKG=./tuning picks one,
# ONLY=^rules_ files, EXCLUDE=^rules_ leaves them out, SAMPLE=60 takes that many at random.
# Faults that change nothing stand in .ci/mutants/equivalent.txt, each with the reason.
PKG := ./model ./tuning ./tuning/detect ./tuning/livetest
SAMPLE := 0
mutants: ## small faults set in $(PKG), one at a time: which of them the tests notice
	@go run ./.ci/mutants -n $(SAMPLE) -only '$(or $(ONLY),.)' -exclude '$(or $(EXCLUDE),^$$)' $(PKG)

# An input that fails stays in testdata/fuzz, where make test runs it from then on.
FOR := 600
fuzz: ## every fuzz target for its share of $(FOR) s; RUN=FuzzOpen picks some
	@.ci/fuzz $(FOR) '$(RUN)'

lint: golangci vet ## golangci-lint at the pinned version, vet for four systems
	$(GOLANGCI) run

vet:
	@for os in linux darwin windows freebsd; do echo "go vet ($$os)"; GOOS=$$os CGO_ENABLED=0 go vet -tags 'real long prove' ./... || exit 1; done

golangci:
	@$(GOLANGCI) version --short 2>/dev/null | grep -qxF $(GOLANGCI_VERSION) || { \
		echo "installing golangci-lint $(GOLANGCI_VERSION)"; \
		go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI_VERSION); }

bench: ## measure, each figure beside its goal
	@.ci/bench

docs: ## write again what is generated: pages of docs/, schemas, the README's picture
	go generate ./...

clean:
	rm -rf bin
