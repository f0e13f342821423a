// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Foundation
import Linux
import Net
import Synchronization
import Testing

@testable import Relay

/// In a quarter to a half of them the initiations cross. `make soak` goes through a thousand.
private let rounds = ProcessInfo.processInfo.environment["SOAK_MINUTES"] == nil ? 150 : 1000

@Suite(.serialized) struct `Two engines` {
    private let (left, right): (Hub, Hub)

    init() throws { (left, right) = (try Hub(workers: 1), try Hub(workers: 1)) }

    /// Both initiate at once, because each knows the other's endpoint and has a keepalive to send. If the initiations cross, neither completes,
    /// and the side with the shorter jitter retries. The test does not wait for real time.
    @Test func `WG-N-13 WG-V-31 that initiate at the same instant have a session after at most one retry, however often they try`() throws {
        defer {
            left.stop()
            right.stop()
        }
        var inVainBefore = 0
        for round in 0..<rounds {
            startTogether()
            var (retries, steps) = (0, 0)
            while !areConnectedOnceQuiet(), steps < 10 {
                // A real retry comes seconds later, not within the 20 milliseconds in which a second initiation is refused (WG-C-4).
                Linux.Thread.sleep(.milliseconds(25))
                if runNextTimer() { retries += 1 }
                steps += 1
            }
            // If the machine was slow, the retry, which did not wait its five seconds, came within 20 milliseconds of the first (WG-C-4).
            let inVain = [left, right].reduce(0) { $0 + Int($1.engine.dropped(.initiationFlood) + $1.engine.dropped(.timestampReplay)) }
            try #require(retries - inVain + inVainBefore <= 1, "round \(round): \(retries) retries")
            try #require(areConnected, "round \(round)")
            inVainBefore = inVain
            for (hub, other) in [(left, right), (right, left)] { _ = hub.engine.apply([.remove(other.engine.publicKey)], generation: 2) }
        }
    }

    private func startTogether() {
        let isReady = Atomic(false)
        let (engine, change) = (right.engine, knowing(left, at: "10.3.2.2"))
        let other = try! Linux.Thread(name: "right") {
            isReady.store(true, ordering: .releasing)
            _ = engine.apply([change], generation: 1)
        }
        while !isReady.load(ordering: .acquiring) { Linux.Thread.yield() }
        _ = left.engine.apply([knowing(right, at: "10.3.2.3")], generation: 1)
        other.join()
    }

    private func knowing(_ other: Hub, at address: String) -> PeerChange {
        .add(
            PeerConfiguration(
                publicKey: other.engine.publicKey, ownedPrefixes: [IPPrefix(host: IPAddress(address)!)], allowedIPs: [],
                persistentKeepalive: .seconds(25)), PeerMemory(endpoint: other.engine.listen))
    }

    private var areConnected: Bool {
        left.engine.peer(right.engine.publicKey)?.hasKeypair == true && right.engine.peer(left.engine.publicKey)?.hasKeypair == true
    }

    /// Waits until both have a session, or until nothing is on its way and only a timer can help, however slow the machine is.
    private func areConnectedOnceQuiet() -> Bool {
        let deadline = Instant.now() + .seconds(30)
        while !areConnected, Instant.now() < deadline {
            let before = [left, right].map(Traffic.init)
            let isQuiet = before.allSatisfy(\.isIdle) && before[0].sent + before[1].sent == before[0].handled + before[1].handled
            if isQuiet, [left, right].map(Traffic.init) == before { break }
            Linux.Thread.sleep(.milliseconds(1))
        }
        return areConnected
    }

    /// What an engine did between two turns of its control side.
    private struct Traffic: Equatable {
        let sent: UInt64
        let handled: UInt64
        /// No event waits and no timer is due.
        let isIdle: Bool

        init(of hub: Hub) {
            let status = hub.engine.status()
            sent = status.datagramsSent
            handled = status.datagramsAccepted + status.drops.reduce(0) { $1.key.isReceipt ? $0 + $1.value : $0 }
            isIdle = !hub.engine.shared.queue.isWaiting && hub.engine.control.locked { hub.engine.control.deadlines.next ?? .never } > .now()
        }
    }

    /// Lets time pass until the next timer of either; true when it sent an initiation.
    private func runNextTimer() -> Bool {
        let due = { (hub: Hub) in hub.engine.control.locked { hub.engine.control.deadlines.next } ?? Instant(nanoseconds: .max) }
        let (first, other) = due(left) <= due(right) ? (left, right) : (right, left)
        first.engine.passTime(due(first) - Instant.now() + .milliseconds(1), for: other.engine.publicKey)
        return first.engine.control.locked {
            first.engine.control.peers[other.engine.publicKey]?.handshake.pendingIndex != nil
        }
    }
}
