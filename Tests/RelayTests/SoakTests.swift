// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Foundation
import Linux
import Net
import Synchronization
import Testing

@testable import Relay

/// How long `make soak` runs; nil in other test runs, which use a short form.
private let soakMinutes = ProcessInfo.processInfo.environment["SOAK_MINUTES"].flatMap { Int($0) }

@Suite(.serialized) struct `Soak` {
    @Test func `WG-L-2 WG-L-9 WG-A-5 edits under traffic do not affect other peers and leave nothing behind`() throws {
        let hub = try Hub()
        defer { hub.engine.stop() }
        let (a, b) = try hub.pair()
        let (engine, edits) = (hub.engine, soakMinutes == nil ? 2_000 : 100_000)
        let keys = (0..<50).map { _ in PrivateKey.generate().publicKey }
        let edited = Atomic(0)
        let editor = try Linux.Thread(name: "editor") {
            for number in 0..<edits {
                let place = number % 50
                let peer = PeerConfiguration(
                    publicKey: keys[place], ownedPrefixes: [IPPrefix("10.9.\(place).0/24")!], allowedIPs: [IPPrefix("10.3.\(number % 200).0/24")!])
                let change: PeerChange =
                    switch number / 50 % 3 {
                    case 0: .add(peer, PeerMemory())
                    case 1: .update(peer)
                    default: .remove(peer.publicKey)
                    }
                _ = engine.apply([change], generation: Int64(number))
                edited.store(number + 1, ordering: .relaxed)
            }
        }
        var before: Footprint?
        var number = 0
        while edited.load(ordering: .relaxed) < edits {
            a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8(number & 255)]))
            #expect(b.receive()?[28] == UInt8(number & 255))
            number += 1
            if before == nil, edited.load(ordering: .relaxed) > edits / 10 { before = Footprint() }
        }
        editor.join()
        #expect(engine.status().drops == [:])
        #expect(a.faults == [])
        #expect(b.faults == [])
        #expect(eventually { engine.control.locked { engine.control.retired.isEmpty } })
        // Fifty peers were added and removed a thousand times. Only the slots of the last cycles may still be in use.
        #expect(engine.control.locked { engine.control.peers.places.used } < 300)
        guard soakMinutes != nil, let before else { return }
        let after = Footprint()
        #expect(after.descriptors == before.descriptors)
        #expect(after.threads <= before.threads)
        #expect(after.residentKiB - before.residentKiB < 8 << 10)
    }

    @Test(.enabled(if: soakMinutes != nil))
    func `WG-V-15 there is one handshake per rekey interval and no packet is lost`() throws {
        let hub = try Hub()
        defer { hub.engine.stop() }
        let minutes = try #require(soakMinutes)
        let (a, b) = try hub.calledPair()
        let end = Instant.now() + .seconds(60 * minutes)
        var sent = 0
        var renewals = 0
        var connectedAt = Instant.now()
        while Instant.now() < end {
            // A is an initiator of our own making: it renews its session at 120 seconds as clients do.
            if Instant.now() - connectedAt >= .seconds(120) {
                a.forgetSession()
                try #require(a.connect())
                connectedAt = .now()
                renewals += 1
            }
            a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8(sent & 255)]))
            try #require(b.receive()?[28] == UInt8(sent & 255), "packet \(sent) was lost")
            b.send(Packet.ipv4(from: "10.3.2.3", to: "10.3.2.2"))
            try #require(a.receive() != nil, "the answer to packet \(sent) was lost")
            sent += 1
            Linux.Thread.sleep(.milliseconds(20))
        }
        // The first one and one each 120 seconds, to B from the hub and to the hub from A alone.
        let handshakes = b.messagesReceived.count { $0 == .initiation }
        #expect((minutes / 2...minutes / 2 + 1).contains(handshakes))
        #expect(!a.messagesReceived.contains(.initiation))
        #expect(a.messagesReceived.count { $0 == .response } == renewals + 1)
        #expect(hub.engine.status().drops == [:])
        #expect(a.faults == [])
        #expect(b.faults == [])
    }
}

/// Memory that this process uses.
private struct Footprint {
    let residentKiB: Int
    let threads: Int
    let descriptors: Int

    init() {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        func field(_ name: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
            return Int(line.filter(\.isNumber)) ?? 0
        }
        residentKiB = field("VmRSS:")
        threads = field("Threads:")
        descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }
}
