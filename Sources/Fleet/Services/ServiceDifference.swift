// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// What one device may start at another, more or less than before.
public struct ServiceDifference: Equatable, Sendable {
    public let from: Device
    public let to: Device
    public let services: ServiceSet

    /// What changes between two devices, in both directions, added to what was gained and what was lost.
    static func add(
        _ a: Device, _ b: Device, _ was: Passing, _ now: Passing, to lists: inout (gained: [ServiceDifference], lost: [ServiceDifference])
    ) {
        for (from, to, old, new) in [(a, b, was.there, now.there), (b, a, was.back, now.back)] where old != new {
            let (more, less) = (new.subtracting(old), old.subtracting(new))
            if !more.isEmpty { lists.gained.append(ServiceDifference(from: from, to: to, services: more)) }
            if !less.isEmpty { lists.lost.append(ServiceDifference(from: from, to: to, services: less)) }
        }
    }

    /// As sentences: the first `shown` ones, and how many others there are.
    static func lines(_ kind: Effect.Kind, _ differences: [ServiceDifference], shown: Int) -> [(kind: Effect.Kind, text: Phrase)] {
        let more = differences.count - shown
        let named = differences.prefix(shown).map { (kind, Phrase("\($0.from.name) → \($0.to.name): \($0.services.phrase)")) }
        guard more > 0 else { return named }
        return named + [(kind, .counting(more, "and \(Amount.count(more)) more direction | and \(Amount.count(more)) more directions"))]
    }

    /// The first 100, for the API.
    static func json(_ differences: [ServiceDifference]) -> JSON {
        .array(
            differences.prefix(100).map {
                ["from": .string($0.from.id), "to": .string($0.to.id), "services": .string($0.services.description)]
            })
    }
}
