// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Synchronization
import Testing

/// The doctor, measured. Causes are planted one at a time between stock clients and proved by real pings. The doctor must name each truly in
/// the API, in the API with a test, and on the command line. The score is printed.
@Suite(.needsLab)
struct `The doctor` {
    private static let groups: [@Sendable (Lab) throws -> [Verdict]] = [
        RuleCauses.run, SessionCauses.run, HubCauses.runBlocked, HubCauses.runLocal,
    ]

    @Test func `names every planted cause, three ways`() throws {
        let verdicts = Mutex<[Int: [Verdict]]>([:])
        let threads = Self.groups.indices.map { number in
            let ended = DispatchSemaphore(value: 0)
            // Threads of their own, because the groups mostly wait.
            Thread.detachNewThread {
                var found: [Verdict] = []
                do {
                    try Lab.run { lab in found = try Self.groups[number](lab) }
                } catch {
                    found.append(Verdict(name: "group \(number)", remarks: ["\(error)"]))
                }
                verdicts.withLock { $0[number] = found }
                ended.signal()
            }
            return ended
        }
        for thread in threads { thread.wait() }
        let all = verdicts.withLock { found in Self.groups.indices.flatMap { found[$0] ?? [] } }
        let named = all.count { $0.isNamed }
        let ways = (0..<3).map { way in "\(all.count { $0.named.count == 3 && $0.named[way] })" }
        let report = """
            The doctor named \(named) of \(all.count) causes: API \(ways[0]), with a test \(ways[1]), command line \(ways[2])

              API  test command
            \(all.map(\.line).joined(separator: "\n"))

            """
        print(report)
        #expect(named == all.count && all.count >= 30, "\(report)")
    }
}
