// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Synchronization

/// The link tests that failed recently. Every page and the API show what they proved, not only to the person who tested. Thread rule: any
/// thread. One lock, held for a few dictionary operations.
final class RecentTests: Sendable {
    /// Seconds for which a test counts. Afterwards the owner of the device may have repaired the cause.
    private static let lifetime: Int64 = 120
    private static let limit = 256

    private struct Key: Hashable {
        let from, to: String
        let address: IPAddress?
    }

    private struct Entry {
        let test: LinkTest
        let at: UnixTime
    }

    private let entries = Mutex<[Key: Entry]>([:])

    /// Keeps a test that failed. One that passed ends an earlier failure.
    func note(_ test: LinkTest, of question: Doctor.Question, at now: UnixTime) {
        guard let key = key(question), !test.isLimited else { return }
        entries.withLock { entries in
            entries[key] = test.isPassed ? nil : Entry(test: test, at: now)
            guard entries.count > Self.limit else { return }
            entries = entries.filter { now.seconds(since: $0.value.at) <= Self.lifetime }
            if entries.count > Self.limit { entries = [:] }
        }
    }

    /// The last test, if it failed and nothing is known to have changed since: no device was edited, and none that was silent was heard.
    func test(of question: Doctor.Question, in overview: Overview) -> LinkTest? {
        guard let key = key(question), let entry = entries.withLock({ $0[key] }), let to = question.to,
            (0...Self.lifetime).contains(overview.now.seconds(since: entry.at))
        else { return nil }
        let isCurrent = [question.from, to].allSatisfy { device in
            let wasSilent = entry.test.results(into: device).contains { $0.outcome == .noSession || $0.outcome == .noEndpoint }
            return device.updatedAt <= entry.at && !(wasSilent && overview.heard(device).map { $0 > entry.at } ?? false)
        }
        return isCurrent ? entry.test : nil
    }

    private func key(_ question: Doctor.Question) -> Key? {
        question.to.map { Key(from: question.from.id, to: $0.id, address: question.address) }
    }
}
