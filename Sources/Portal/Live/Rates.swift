// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Synchronization

/// Bytes a second of each peer, from counters that are read on a beat.
/// Thread rule: any thread; one lock, held for a few dictionary steps.
final class Rates: Sendable {
    /// As the device sees it: down is what the hub sent to it.
    struct Rate: Sendable, Equatable {
        var down: Double
        var up: Double
    }

    private struct Sample {
        var at: Int64
        var received: UInt64
        var sent: UInt64
        var rate: Rate?
    }

    private let samples = Mutex<[PublicKey: Sample]>([:])

    /// Takes the counters of all peers. `now` in milliseconds of a clock that never goes back; a peer whose counters went back
    /// (a new key, a restarted engine) starts anew.
    func take(_ peers: [PublicKey: EngineSnapshot.PeerState], now: Int64) {
        samples.withLock { samples in
            var next: [PublicKey: Sample] = [:]
            for (key, peer) in peers {
                var sample = Sample(at: now, received: peer.receivedBytes, sent: peer.sentBytes)
                if let last = samples[key], last.at < now, last.received <= peer.receivedBytes, last.sent <= peer.sentBytes {
                    let seconds = Double(now - last.at) / 1000
                    sample.rate = Rate(
                        down: Double(peer.sentBytes - last.sent) / seconds, up: Double(peer.receivedBytes - last.received) / seconds)
                }
                next[key] = sample
            }
            samples = next
        }
    }

    /// The rate between the last two beats; nil before there were two.
    func rate(of key: PublicKey) -> Rate? { samples.withLock { $0[key]?.rate } }
}
