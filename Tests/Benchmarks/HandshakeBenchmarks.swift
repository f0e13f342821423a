// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import WireGuard

/// What the control side computes for a device that connects: opens its initiation and writes the response.
enum HandshakeBenchmarks {
    static func run() {
        let (device, hub) = (Identity(privateKey: .generate()), Identity(privateKey: .generate()))
        var deviceSide = PeerHandshake(publicKey: hub.publicKey, presharedKey: nil)
        var hubSide = PeerHandshake(publicKey: device.publicKey, presharedKey: nil)
        let initiation = UnsafeMutableRawPointer.allocate(byteCount: Initiation.byteCount, alignment: 16)
        let response = UnsafeMutableRawPointer.allocate(byteCount: Response.byteCount, alignment: 16)
        defer {
            initiation.deallocate()
            response.deallocate()
        }
        hubSide.prepare(hub)
        let isWritten = deviceSide.createInitiation(
            identity: device, localIndex: 1, ephemeral: .generate(), timestamp: Timestamp(unixNanoseconds: 1 << 60), now: .now(), to: initiation)
        precondition(isWritten)
        let fresh = hubSide
        Measurement.of("answer an initiation") { count in
            var answered = 0
            for _ in 0..<count {
                // A peer that has not received this initiation yet.
                var peer = fresh
                guard let opened = try? hub.open(initiation: initiation),
                    let accepted = try? peer.accept(opened, initiation: initiation, identity: hub, now: .now()),
                    peer.createResponse(to: accepted, localIndex: 2, ephemeral: .generate(), now: .now(), to: response) != nil
                else { continue }
                answered += 1
            }
            precondition(answered == count)
            return answered
        }
    }
}
