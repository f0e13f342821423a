// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Names
import Net
import Relay
import Synchronization

/// Remembers the devices' names between rounds, so that a change reads only what changed, and the engine gets new names only when some are
/// new. Thread rule: one round at a time.
final class NameBook: Sendable {
    private struct Content {
        var members: [PublicKey: NameTable.Member] = [:]
        /// The hub's names and addresses that the engine has; nil before the first round.
        var hub: (naming: Naming, addresses: [IPAddress])?
    }

    private let content = Mutex(Content())

    /// The names for the engine after the changes in `desired`; nil if it has them already, `.some(nil)` if the hub answers for none.
    func zone(after desired: DesiredState) -> Zone?? {
        guard !desired.isCheck else { return nil }
        return content.withLock { content in
            let before = content.members
            if desired.scope == .all { content.members = [:] }
            for key in desired.departed { content.members[key] = nil }
            for member in desired.members { content.members[member.publicKey] = member }
            let hub = (naming: desired.hub.naming, addresses: desired.hub.addresses)
            let isSame = content.hub.map { $0 == hub } ?? false
            guard !isSame || content.members != before else { return nil }
            content.hub = hub
            return .some(NameTable(content.members.values, hub: desired.hub).zone(serial: desired.generation.desired))
        }
    }
}
