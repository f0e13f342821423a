// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Net
import Synchronization
import Words

/// The only way to Argon2id. One run takes a quarter of a second and 64 MiB, so a flood of sign-ins would exhaust processor and memory: two
/// run at once, eight wait, and the rest are refused.
/// Thread rule: any worker thread; blocks while it waits.
final class PasswordGate: Sendable {
    static let maximumWaiting = 8

    private let first = Mutex<Void>(())
    private let second = Mutex<Void>(())
    private let inside = Atomic<Int>(0)
    private let turn = Atomic<Int>(0)

    /// How many run or wait.
    var count: Int { inside.load(ordering: .relaxed) }

    /// Throws 503, before any work, if the queue is full.
    func pass<Result>(_ work: () -> Result) throws(HTTPError) -> Result {
        let count = inside.wrappingAdd(1, ordering: .relaxed).newValue
        defer { inside.wrappingSubtract(1, ordering: .relaxed) }
        guard count <= Self.maximumWaiting + 2 else {
            throw .busy("Too many people are signing in at once. Try again in a few seconds.", retryAfter: 5)
        }
        var result: Result?
        if turn.wrappingAdd(1, ordering: .relaxed).newValue % 2 == 0 {
            first.withLock { _ in result = work() }
        } else {
            second.withLock { _ in result = work() }
        }
        guard let result else { throw HTTPError(.internalServerError, "The password could not be checked.") }
        return result
    }

    /// The hash of a new password. Throws 503 if the queue is full or memory is short.
    func hash(_ password: String) throws(HTTPError) -> String {
        guard let hash = try pass({ PasswordHash.make(password) }) else {
            throw .busy("There is not enough memory to protect the password. Try again in a moment.")
        }
        return hash
    }
}
