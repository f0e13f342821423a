// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// Tests of links, for whoever may wait for their outcome.
extension Engine {
    /// How often the outcome is looked for. The round trip does not depend on it.
    private static let beat: Duration = .milliseconds(5)

    /// Makes all probes at once and waits for them, three seconds at most. Not more than `Probe.limit` begin within a second; the outcome of
    /// further ones is `.limited`.
    public func probe(_ probes: [Probe]) -> [ProbeOutcome] {
        let started = start(probes)
        return started.map { probe in
            switch probe {
            case .over(let outcome): return outcome
            case .underWay(let id):
                while true {
                    if let outcome = outcome(ofProbe: id) { return outcome }
                    Linux.Thread.sleep(Self.beat)
                }
            }
        }
    }

    func start(_ probes: [Probe]) -> [Control.StartedProbe] {
        let started = control.locked {
            let now = Instant.now()
            let started = probes.map { control.start($0, now: now) }
            control.egress.flush(now: now)
            return started
        }
        // The control side learns when the next one is to be forgotten.
        shared.queue.wake.signal()
        return started
    }

    func outcome(ofProbe id: UInt64) -> ProbeOutcome? { control.locked { control.outcome(ofProbe: id, now: Instant.now()) } }
}
