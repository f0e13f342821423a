// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net
import Synchronization
import Words

/// Allows each account one export at a time, because an export reads a lot and takes as long as its client wants.
/// Thread rule: any thread; never waits.
final class ExportGate: Sendable {
    /// An account's permission to export. It ends when nothing holds it any more.
    final class Pass: Sendable {
        private let gate: ExportGate
        private let account: String

        fileprivate init(_ gate: ExportGate, _ account: String) { (self.gate, self.account) = (gate, account) }

        deinit { _ = gate.accounts.withLock { $0.remove(account) } }
    }

    private let accounts = Mutex<Set<String>>([])

    /// Throws 429 while another export of the account is running.
    func enter(_ account: String) throws(HTTPError) -> Pass {
        guard accounts.withLock({ $0.insert(account).inserted }) else {
            throw HTTPError(
                .tooManyRequests, "You are already downloading an export. Wait until it finishes, or cancel it.", fields: ["Retry-After": "5"])
        }
        return Pass(self, account)
    }
}

extension ByteStream {
    /// The body of an export. `next` makes one piece after another. The pass ends with the last piece, or when the client disconnects. The first
    /// piece is made before, so that an early failure still gets a proper error response.
    static func export(
        _ pass: ExportGate.Pass, first: [UInt8]?, _ next: @escaping @Sendable () throws -> [UInt8]?
    ) -> ByteStream {
        let state = Mutex<(first: [UInt8]?, pass: ExportGate.Pass?)>((first, pass))
        return ByteStream {
            if let first = state.withLock({ state in
                defer { state.first = nil }
                return state.first
            }) {
                return first
            }
            if let piece = try next() { return piece }
            // Released before the client sees the end, because its next export may follow at once.
            state.withLock { $0.pass = nil }
            return nil
        }
    }
}

/// Allows two link tests at once, without a queue, because each holds a worker thread for up to three seconds.
/// Thread rule: any worker thread; never waits.
final class ProbeGate: Sendable {
    static let maximum = 2
    private let inside = Atomic<Int>(0)

    /// Throws 503 while two tests are running.
    func pass<Result>(_ work: () -> Result) throws(HTTPError) -> Result {
        let count = inside.wrappingAdd(1, ordering: .relaxed).newValue
        defer { inside.wrappingSubtract(1, ordering: .relaxed) }
        guard count <= Self.maximum else {
            throw .busy("Other links are being tested. Try again in a few seconds.", retryAfter: 3)
        }
        return work()
    }
}
