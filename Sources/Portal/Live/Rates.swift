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
        var at: ContinuousClock.Instant
        var received: UInt64
        var sent: UInt64
    }

    private struct Content {
        var samples: [PublicKey: Sample] = [:]
        /// Those of the samples that have one.
        var rates: [PublicKey: Rate] = [:]
    }

    private let content = Mutex(Content())

    /// Takes the counters of all peers. A peer whose counters went back (a restarted engine) starts anew.
    func take(_ peers: [PublicKey: EngineSnapshot.PeerState], at now: ContinuousClock.Instant) {
        content.withLock { content in
            var next = Content()
            for (key, peer) in peers {
                let sample = Sample(at: now, received: peer.receivedBytes, sent: peer.sentBytes)
                if let last = content.samples[key], last.at < now, last.received <= peer.receivedBytes, last.sent <= peer.sentBytes {
                    let seconds = (now - last.at) / .seconds(1)
                    next.rates[key] = Rate(
                        down: Double(peer.sentBytes - last.sent) / seconds, up: Double(peer.receivedBytes - last.received) / seconds)
                }
                next.samples[key] = sample
            }
            content = next
        }
    }

    /// The rate between the last two beats; nil before there were two.
    func rate(of key: PublicKey) -> Rate? { content.withLock { $0.rates[key] } }

    /// The same of all peers that have one.
    var all: [PublicKey: Rate] { content.withLock { $0.rates } }
}
