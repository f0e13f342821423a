# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Hairpin Authors
#
#   make run      install what is missing, build, and serve; ARGUMENTS="--http 127.0.0.1:9000" are handed on
#   make test     install what is missing, then the unit tests and the end-to-end tests (these need root)
#   make build    the release program, .build/release/hairpin
#   make gate     the packet path of the release program must cost no allocation and no retain per packet
#   make bench    the relay beside wireguard-go and a bare C loop, as root (Tests/Bench); ROUNDS=1, PARTS=relay,edits, ARGUMENTS="--no-gro",
#                 and STRICT=1 to fail on a missed goal of Tests/Bench/goals.py
#   make microbench   nanoseconds of single steps, and what each page costs with 10,000 devices; PARTS=pages for one of them
#   make sanitize the tests of the engine under ThreadSanitizer and AddressSanitizer
#   make fuzz     libFuzzer at each door from outside for SECONDS=60, beginning with Tests/Fuzz/Corpus
#   make soak     100,000 live edits under traffic, then MINUTES=10 of rekeys
#   make deb      .build/hairpin_VERSION_ARCHITECTURE.deb, tried by unpacking and starting it
#   make scan     wapiti, schemathesis, testssl, slowhttptest and 10,000 changed requests against a running hub
#   make lint     check the form of every Swift file
#   make format   put every Swift file into that form
#   make clean    remove all build folders
#
# One test or suite: swift test --filter 'OneToOne'

# A target that imports what its line in Package.swift does not name stops the build.
FENCES  := --explicit-target-dependency-import-check error
# With Swift's library inside, the program runs where no Swift is installed.
RELEASE := --configuration release -Xswiftc -cross-module-optimization $(FENCES)
# The report of the end-to-end tests, and the logs of their hubs and clients.
RESULTS := .build/end-to-end
SWIFT_FILES := Package.swift Sources Tests
ROUNDS := 3
MINUTES := 10
FUZZ_SECONDS = $(or $(SECONDS),60)
SANITIZED := --configuration release -Xswiftc -enable-testing -Xswiftc -DSANITIZED
ENGINE_TESTS := RelayTests|WireGuardTests|NetTests|FuzzTests

.PHONY: run test build gate bench microbench sanitize fuzz soak deb scan lint format clean

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
	Tests/Bench/run --binary .build/release/hairpin --rounds $(ROUNDS) $(if $(PARTS),--parts $(PARTS)) $(if $(STRICT),--strict) -- $(ARGUMENTS)

# A folder of its own: a build for testing, which opens the insides of the targets, is not the program that is shipped.
microbench:
	swift build $(RELEASE) -Xswiftc -enable-testing --scratch-path .build/microbench --product Benchmarks
	.build/microbench/release/Benchmarks $(PARTS)

# Each in a folder of its own, since all is built anew with it; optimised, since floods take too long otherwise. libsodium and libcrypto keep
# what they allocate once.
sanitize:
	swift build --build-tests $(SANITIZED) --sanitize=thread --scratch-path .build-thread
	TSAN_OPTIONS="exitcode=66 suppressions=$(CURDIR)/Tests/thread-sanitizer.supp" swift test --skip-build $(SANITIZED) --sanitize=thread --scratch-path .build-thread --filter '$(ENGINE_TESTS)'
	swift build --build-tests $(SANITIZED) --sanitize=address --scratch-path .build-address
	ASAN_OPTIONS=detect_leaks=0 swift test --skip-build $(SANITIZED) --sanitize=address --scratch-path .build-address --filter '$(ENGINE_TESTS)'

fuzz:
	swift build --product FuzzTargets --sanitize=fuzzer --scratch-path .build-fuzz
	Tests/Fuzz/run .build-fuzz/debug $(FUZZ_SECONDS)

soak:
	swift build --build-tests
	SOAK_MINUTES=$(MINUTES) swift test --skip-build --filter '^RelayTests[.]`?(Soak|Two engines|With many peers)`?/'

# The package brings the runtime in the program, so it is built apart: the gate counts with a runtime of its own.
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

format:
	swift format --in-place --recursive $(SWIFT_FILES)

clean:
	rm -rf .build .build-*
