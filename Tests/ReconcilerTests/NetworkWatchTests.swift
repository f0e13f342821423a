// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Loopback
import Net
import Synchronization
import Testing

@testable import Reconciler

@Suite(.enabled(if: NetworkNamespace.canBeMade, "needs root to make network namespaces"))
struct `The watch of the host's network` {
    private final class Seen: Sendable {
        private let events = Mutex<[NetlinkEvent]>([])

        func add(_ new: [NetlinkEvent]) { events.withLock { $0 += new } }

        /// How long it took from now until such an event came; nil after five seconds.
        func wait(for isWanted: (NetlinkEvent) -> Bool) -> Duration? {
            let start = Instant.now()
            while Instant.now() - start < .seconds(5) {
                if events.withLock({ $0.contains(where: isWanted) }) { return Instant.now() - start }
                Linux.Thread.sleep(.milliseconds(1))
            }
            return nil
        }

        var isEmpty: Bool { events.withLock(\.isEmpty) }

        func forget() { events.withLock { $0 = [] } }
    }

    @Test func `WG-E-6 tells of addresses, routes and links at once, and stops`() throws {
        try NetworkNamespace.inNew { _ in
            let seen = Seen()
            let watch = try NetworkWatch { seen.add($0) }
            try ip("link add up0 type veth peer name up1")
            for link in ["up0", "up1"] { try ip("link set \(link) up") }
            try ip("address add 192.0.2.9/24 dev up0")
            #expect(seen.wait { if case .addressAdded(let new) = $0 { new.address == IPAddress("192.0.2.9") } else { false } } != nil)
            Linux.Thread.sleep(.milliseconds(300))
            seen.forget()
            try ip("route add 198.51.100.0/24 via 192.0.2.1")
            // It looked every two seconds before. The limit leaves room for a busy machine.
            #expect(seen.wait { $0 == .routesChanged }.map { $0 < .milliseconds(500) } == true)
            try ip("address del 192.0.2.9/24 dev up0")
            let gone = seen.wait { if case .addressRemoved = $0 { true } else { false } }
            #expect(gone.map { $0 < .milliseconds(500) } == true)
            seen.forget()
            try ip("link del up0")
            #expect(seen.wait { if case .linkChanged = $0 { true } else { false } } != nil)
            watch.stop()
            seen.forget()
            try ip("link add up2 type veth peer name up3")
            Linux.Thread.sleep(.milliseconds(100))
            #expect(seen.isEmpty)
        }
    }
}
