// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// Tests links and waits for the results.
extension Engine {
    /// The polling interval for outcomes. It does not affect the measured round trip.
    private static let beat: Duration = .milliseconds(5)

    /// Starts all probes at once and waits for them, at most three seconds. At most `Probe.limit` probes start per second; further ones get
    /// the outcome `.limited`.
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
        // Tells the control side when the next probe must be forgotten.
        shared.queue.wake.signal()
        return started
    }

    func outcome(ofProbe id: UInt64) -> ProbeOutcome? { control.locked { control.outcome(ofProbe: id, now: Instant.now()) } }
}
