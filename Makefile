# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Hairpin Authors
#
#   make run      install what is missing, build, and serve; ARGUMENTS="--http 127.0.0.1:9000" are handed on
#   make test     install what is missing, then the unit tests and the end-to-end tests (these need root)
#   make build    the release program, .build/release/hairpin
#   make lint     check the form of every Swift file
#   make format   put every Swift file into that form
#   make clean    remove everything that was built
#
# One test or suite: swift test --filter 'OneToOne'

# A target that imports what its line in Package.swift does not name stops the build.
FENCES  := --explicit-target-dependency-import-check error
RELEASE := --configuration release -Xswiftc -cross-module-optimization $(FENCES)
# The report of the end-to-end tests, and the logs of their hubs and clients.
RESULTS := .build/end-to-end
SWIFT_FILES := Package.swift Sources Tests

.PHONY: run test build lint format clean

run: build
	exec .build/release/hairpin serve $(ARGUMENTS)

build:
	Packaging/install-dependencies build
	swift build $(RELEASE) --product hairpin

test:
	Packaging/install-dependencies test
	swift build --build-tests $(FENCES)
	swift test --skip-build --skip EndToEndTests
	rm -rf $(RESULTS) && mkdir -p $(RESULTS)
	swift test --skip-build --filter EndToEndTests --xunit-output $(RESULTS)/report.xml --attachments-path $(RESULTS)

lint:
	swift format lint --strict --recursive $(SWIFT_FILES)

format:
	swift format --in-place --recursive $(SWIFT_FILES)

clean:
	swift package clean
