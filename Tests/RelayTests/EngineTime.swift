// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

@testable import Relay
@testable import WireGuard

/// Changes to an engine that save tests minutes of waiting.
extension Engine {
    /// Makes all sessions of a peer older, and sets how many messages each has sent.
    func age(_ key: PublicKey, by duration: Duration, sent: UInt64? = nil) {
        // No worker is reading a session now.
        _ = eventually { shared.grace.hasPassed(.max) }
        control.locked {
            guard let peer = control.peers[key] else { return }
            for number in peer.keypairs.all {
                let keypair = shared.keypairs.at(number)
                keypair.pointee.age.createdAt = keypair.pointee.age.createdAt - duration
                if let sent { keypair.pointee.sendCounter.store(sent, ordering: .relaxed) }
                // Published again, so that any reader of the session sees its new age.
                keypair.pointee.index.store(keypair.pointee.index.load(ordering: .relaxed), ordering: .releasing)
            }
            let current = shared.peers.at(peer.slot).pointee.sendKeypair.load(ordering: .relaxed)
            shared.peers.at(peer.slot).pointee.sendKeypair.store(current, ordering: .releasing)
        }
    }

    /// Runs the timers of a peer as if `duration` had passed.
    func passTime(_ duration: Duration, for key: PublicKey) {
        control.locked {
            guard let peer = control.peers[key] else { return }
            control.runTimers(of: peer, now: .now() + duration)
            control.egress.flush(now: .now())
        }
    }

    /// Sends an initiation that the hub does not repeat by itself, however late it is answered.
    func initiateOnce(to key: PublicKey) {
        control.locked {
            guard let peer = control.peers[key] else { return }
            control.initiate(peer, isRetry: false, now: .now())
            peer.timers.initiationSent(now: .now() + .seconds(60), isRetry: false, jitter: .zero)
            control.rearm(peer)
            control.egress.flush(now: .now())
        }
    }

    /// Forgets that a handshake message was just sent (WG-S-11).
    func letHandshakesLeave(to key: PublicKey) {
        control.locked {
            guard let peer = control.peers[key] else { return }
            peer.timers.resetHandshakeLimit()
        }
    }

    /// Blocks the control side while `body` runs.
    func holdingHandshakes(_ body: () -> Void) { control.locked(body) }

    func dropped(_ reason: DropReason) -> UInt64 { status().drops[reason, default: 0] }
    func peer(_ key: PublicKey) -> PeerStatus? { status().peers.first { $0.publicKey == key } }
}

/// A message of `byteCount` bytes whose only valid part for `hub` is its mac1.
func junk(type: UInt8, byteCount: Int, for hub: PublicKey) -> [UInt8] {
    withMac1([type, 0, 0, 0] + (4..<byteCount).map { _ in UInt8.random(in: 0...255) }, for: hub)
}

/// A handshake message with a valid mac1 for `hub`.
func withMac1(_ message: [UInt8], for hub: PublicKey) -> [UInt8] {
    var bytes = message
    let byteCount = message.count
    let mac1 = bytes.withUnsafeBytes {
        BLAKE2s.mac16(key: Identity.mac1Key(of: hub), UnsafeRawBufferPointer(rebasing: $0[..<(byteCount - 32)]))
    }
    withUnsafeBytes(of: mac1) { bytes.replaceSubrange(byteCount - 32..<byteCount - 16, with: $0) }
    return bytes
}
