// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

extension Doctor {
    /// The response of the API and of `hairpin doctor --json` (Documentation/contract.md section 5). `ok` is null for a step that was not
    /// checked. `probes` is null if no probes were sent.
    public var json: JSON {
        [
            "from": .string(from.id), "to": to.map { .string($0.id) } ?? .null, "address": address.map { .string($0.description) } ?? .null,
            "reaches": .bool(reaches),
            "checks": .array(
                checks.map { ["name": .string($0.name), "ok": $0.ok.map { .bool($0) } ?? .null, "detail": .string($0.detail.description)] }),
            "first_failure": firstFailure.map { .string($0.name) } ?? .null, "cause": firstFailure.map { .string($0.detail.description) } ?? .null,
            "probes": test?.json ?? .null,
        ]
    }
}

extension LinkTest {
    /// Each echo with its outcome, named as in `ProbeOutcome`. An answered echo also has its round-trip time.
    public var json: JSON {
        .array(
            results.map { result in
                let largest: Int? = if case .largeLost(_, let largest, _) = result.outcome { largest } else { nil }
                return [
                    "into": .string(result.echo.destination.description), "as": .string(result.echo.source.description),
                    "outcome": .string(result.outcome.name),
                    "round_trip_microseconds": result.outcome.roundTrip.map { .integer($0.nanoseconds / 1000) } ?? .null,
                    "largest_bytes": largest.map { .integer(Int64($0)) } ?? .null,
                ]
            })
    }
}
