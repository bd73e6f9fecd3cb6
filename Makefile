# Two commands are all a newcomer needs: `make run` and `make test`. Both install what is missing.
.DEFAULT_GOAL := help
.PHONY: help run test test-unit test-integration load observe secrets check-image check-release check-previous-release chaos chaos-relay bench bench-quick bench-relay bench-micro instructions check-instructions build lint format clean setup
SHELL := /bin/bash
export PATH := $(PATH):/opt/swift/usr/bin:$(HOME)/.local/share/swiftly/bin

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1mmake %-24s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## Build everything, start it with a private Postgres and Redis, and print the chat page's address
	@scripts/build-release
	@scripts/dev

test: ## Run every test, with real servers and the built processes
	@scripts/setup build run test
	@swift build --build-tests --traits Kafka
	@scripts/test

# Suites that start no server and no process.
unit := ConversationTests|QueueModelTests

test-unit: ## Run the tests that need no server: the conversation, and the model of the queue
	@scripts/setup build run test
	@swift build --build-tests --traits Kafka
	@scripts/test --filter '$(unit)' --skip DifferentialTests

test-integration: ## Run all the others, with real servers and the built processes
	@scripts/setup build run test
	@swift build --build-tests --traits Kafka
	@scripts/test --skip 'ConversationTests'

secrets: ## Look for secrets in every file of the repository
	@scripts/secrets

check-release: build ## Migrate up, down and up with the release binaries, start each process and ask it with scripts/smoke-test.sh
	@scripts/check-release .build/release

check-previous-release: ## Run the last tag's programs (or RELEASE=commit) on this schema, as a deployment and a return to it do
	@scripts/setup build run test
	@scripts/check-previous-release $(RELEASE)

check-image: ## Carry out the Dockerfile without an engine, in clean Debian roots, and run what came of it (as root, 7 minutes)
	@scripts/setup image
	@scripts/check-image VERSION="$$(git rev-parse HEAD)"

load: ## Have many passengers write to what `make run` runs (or start it), and check that nothing is lost; LOAD='--help'
	@scripts/setup build run load
	@scripts/load.py --running || scripts/build-release
	@scripts/load.py $(LOAD)

observe: ## Watch it with a real Prometheus: load, an outage, the alert that rings and ends; draw docs/images/dashboard.png
	@scripts/setup build run test
	@scripts/build-release
	@scripts/observe.py $(OBSERVE)

chaos: ## Have everything fail under load for a minute each, and write the table of docs/reliability.md
	@scripts/setup build run test
	@swift build --build-tests --traits Kafka
	@CHAOS=long swift test --skip-build --traits Kafka --disable-xctest --filter ChaosTests --skip RelayChaosTests
	@CHAOS=long swift test --skip-build --traits Kafka --disable-xctest --filter QueueModelTests.DifferentialTests
	@# Optimised: 12 million states of the queue's model (docs/queue-protocol.md).
	@swift run -c release QueueSearch

chaos-relay: ## Have relays and sinks fail for half a minute in each way, and write their table of docs/reliability.md
	@scripts/setup build run test
	@swift build --build-tests --traits Kafka
	@CHAOS=long swift test --skip-build --traits Kafka --disable-xctest --filter RelayChaosTests

bench: ## Measure everything beside its limits and its peers, and write docs/performance.md (an hour or two; BENCH='--help')
	@scripts/setup build run bench
	@scripts/build-release
	@BENCH_COMMAND="make bench$(if $(BENCH), BENCH='$(BENCH)')" Benchmarks/Whole/bench.py --write $(BENCH)

bench-quick: ## Run every benchmark once and briefly, only to see that it runs
	@scripts/setup build run bench
	@scripts/build-release
	@Benchmarks/Whole/bench.py --quick

bench-relay: ## Measure the relay beside a simpler one, optimised, and write the figures of docs/performance.md
	@scripts/setup build run
	@scripts/build-release --product relay
	@scripts/build-release --product operator
	@scripts/build-release --product RelayBench
	@"$$(scripts/build-release --show-bin-path)/RelayBench" --write

bench-micro: ## Time small pieces of the work, by the clock (fetches ordo-one/benchmark; the first build takes 4 minutes)
	@scripts/setup build
	@BENCHMARKS=1 swift package --allow-writing-to-package-directory benchmark --target MicroBench --no-progress

instructions: ## Count the instructions of small pieces of the work, and write Benchmarks/instructions.tsv
	@scripts/setup build instructions
	@scripts/build-release --product InstructionCount
	@scripts/instructions

check-instructions: ## Count them again, and fail where there are more than the table says
	@scripts/setup build instructions
	@scripts/build-release --product InstructionCount
	@scripts/instructions --check

build: setup ## Build the release binaries into .build/release
	@scripts/build-release

lint: ## Check the format of the code, and the scripts
	@scripts/setup lint
	@swift format lint --strict --parallel --recursive Sources Tests Benchmarks Package.swift
	@shellcheck --external-sources $$(grep -lE '^#(!.*bash| shellcheck)' scripts/* deploy/* .ci/* Benchmarks/Peers/* 2>/dev/null)

format: ## Rewrite the code in the project's format
	@swift format --in-place --parallel --recursive Sources Tests Benchmarks Package.swift

clean: ## Remove what was built, and the private servers' data under .dev
	@scripts/dev --clean
	@rm -rf .build

setup:
	@scripts/setup build run
