# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Hairpin Authors
#
#   make run      install missing packages, build, and start the hub; ARGUMENTS="--http 127.0.0.1:9000" sets options
#   make test     install missing packages, run the unit tests, then the end-to-end tests (which need root)
#   make build    build the release program, .build/release/hairpin
#   make gate     check that the release build allocates and retains nothing per packet
#   make bench    compare the relay with wireguard-go and a bare C loop, as root (Tests/Bench). ROUNDS=1 and PARTS=relay,edits make it
#                 shorter, ARGUMENTS="--no-gro" sets options of the hub, STRICT=1 fails if a goal of Tests/Bench/goals.py is missed,
#                 AGAINST=main builds that revision too and prints the ratio of each figure to it
#   make microbench   time single steps, and each page with 10,000 devices; PARTS=pages runs one part
#   make sanitize run the engine's tests under ThreadSanitizer and AddressSanitizer
#   make fuzz     run libFuzzer on each input from outside for SECONDS=60, starting from Tests/Fuzz/Corpus
#   make mutants  plant the faults of Tests/Mutants one at a time, and count how many the unit tests catch; TARGETS="Relay Portal"
#   make soak     run 100,000 live edits under traffic, then MINUTES=10 of rekeys, and compare rules and flows with slow references
#   make deb      build .build/hairpin_VERSION_ARCHITECTURE.deb, unpack it and start it
#   make scan     run wapiti, schemathesis, testssl, slowhttptest and 10,000 mutated requests against a hub
#   make lint     check the format of every Swift file, and that each fault of make mutants still fits its file
#   make format   format every Swift file
#   make clean    remove all build folders
#
# One test, suite or file: swift test --filter ReplayWindowTests

# The build stops if a target imports a module that its line in Package.swift does not name.
FENCES  := --explicit-target-dependency-import-check error
# The packet path needs functions to be inlined across targets.
RELEASE := --configuration release -Xswiftc -cross-module-optimization $(FENCES)
# The report of the end-to-end tests and the logs of their hubs and clients.
RESULTS := .build/end-to-end
SWIFT_FILES := Package.swift Sources Tests
ROUNDS := 3
MINUTES := 10
FUZZ_SECONDS = $(or $(SECONDS),60)
SANITIZED := --configuration release -Xswiftc -enable-testing -Xswiftc -DSANITIZED
ENGINE_TESTS := RelayTests|WireGuardTests|NetTests|FuzzTests

.PHONY: run test build gate bench microbench sanitize fuzz mutants soak deb scan lint format clean

run: build
	exec .build/release/hairpin serve $(ARGUMENTS)

build:
	Packaging/install-dependencies build
	swift build $(RELEASE) --product hairpin

test:
	Packaging/install-dependencies test
	swift build --build-tests $(FENCES)
	swift test --skip-build --skip EndToEndTests
	ONE_CORE=1 swift test --skip-build --filter RelayTests
	rm -rf $(RESULTS) && mkdir -p $(RESULTS)
	swift test --skip-build --filter EndToEndTests --xunit-output $(RESULTS)/report.xml --attachments-path $(RESULTS)

gate:
	swift build $(RELEASE) --product PacketPath
	.build/release/PacketPath

bench: build gate
	Packaging/install-dependencies bench
	Tests/Bench/run --binary .build/release/hairpin --rounds $(ROUNDS) $(if $(PARTS),--parts $(PARTS)) $(if $(AGAINST),--against $(AGAINST)) $(if $(STRICT),--strict) -- $(ARGUMENTS)

# Has a build folder of its own: it enables testing, so this is not the program that ships.
microbench:
	swift build $(RELEASE) -Xswiftc -enable-testing --scratch-path .build/microbench --product Benchmarks
	.build/microbench/release/Benchmarks $(PARTS)

# Each sanitizer has a build folder of its own because it rebuilds everything. Optimised, because floods take too long otherwise.
# No leak detection, because libsodium and libcrypto keep what they allocate once.
sanitize:
	swift build --build-tests $(SANITIZED) --sanitize=thread --scratch-path .build-thread
	TSAN_OPTIONS="exitcode=66 suppressions=$(CURDIR)/Tests/thread-sanitizer.supp" swift test --skip-build $(SANITIZED) --sanitize=thread --scratch-path .build-thread --filter '$(ENGINE_TESTS)'
	swift build --build-tests $(SANITIZED) --sanitize=address --scratch-path .build-address
	ASAN_OPTIONS=detect_leaks=0 swift test --skip-build $(SANITIZED) --sanitize=address --scratch-path .build-address --filter '$(ENGINE_TESTS)'

fuzz:
	swift build --product FuzzTargets --sanitize=fuzzer --scratch-path .build-fuzz
	Tests/Fuzz/run .build-fuzz/debug $(FUZZ_SECONDS)

mutants:
	Tests/Mutants/run $(TARGETS)

soak:
	swift build --build-tests
	SOAK_MINUTES=$(MINUTES) swift test --skip-build --filter '^(NetTests[.]`?A set of rules|RelayTests[.]`?(Soak|Two engines|With many peers|The table of flows and a slow one))`?/'

# The packaged program contains the Swift runtime, so it runs without an installed Swift. It has a build folder of its own because the gate
# must use the shared runtime.
deb:
	Packaging/install-dependencies build
	Packaging/install-dependencies package
	swift build $(RELEASE) --static-swift-stdlib --scratch-path .build-package --product hairpin
	mkdir -p .build
	Packaging/debian/check "$$(Packaging/debian/build .build-package/release/hairpin .build)"

scan: build
	Packaging/install-dependencies scan
	Tests/Scan/run .build/release/hairpin

lint:
	swift format lint --strict --recursive $(SWIFT_FILES)
	Tests/Mutants/run --check

format:
	swift format --in-place --recursive $(SWIFT_FILES)

clean:
	rm -rf .build .build-*
