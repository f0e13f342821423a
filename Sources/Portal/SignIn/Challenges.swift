// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Store
import Synchronization

/// Challenges for passkeys: `nonce 16 | seconds 8 | signature 64`. Each is valid once, in one browser, for five minutes.
///
/// The hub does not store the challenges it issues, so requests for many of them fill no memory. It stores the few that were answered correctly
/// until they expire, so that nobody can use them again.
final class Challenges: Sendable {
    static let lifetime: Int64 = 5 * 60

    private let signer: Signer
    private let spent = Mutex<[[UInt8]: UnixTime]>([:])

    init(signer: Signer) { self.signer = signer }

    /// `owner` ties the challenge to a browser: the id of a session, or the value of the pre-session cookie.
    func make(for owner: String, at now: UnixTime) -> [UInt8] {
        let body = SecureRandom.bytes(16) + (0..<8).map { UInt8(truncatingIfNeeded: now.seconds >> (56 - 8 * $0)) }
        return body + Array(signature(body, owner).utf8)
    }

    /// True if `challenge` was made for `owner`, has not expired and was not used before. Marks it as used.
    func spend(_ challenge: [UInt8], for owner: String, at now: UnixTime) -> Bool {
        guard challenge.count == 24 + 64 else { return false }
        let body = Array(challenge[..<24])
        let age = now.seconds - body[16...].reduce(0) { $0 << 8 | Int64($1) }
        guard (0...Self.lifetime).contains(age), constantTimeEqual(Array(challenge[24...]), Array(signature(body, owner).utf8)) else { return false }
        return spent.withLock { spent in
            spent = spent.filter { now.seconds(since: $0.value) <= Self.lifetime }
            return spent.updateValue(now, forKey: challenge) == nil
        }
    }

    private func signature(_ body: [UInt8], _ owner: String) -> String { signer.sign("\(Hex.encode(body)) \(owner)", for: .challenge) }
}
