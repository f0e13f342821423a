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
        var outcomes = started.map { probe -> ProbeOutcome? in if case .over(let outcome) = probe { outcome } else { nil } }
        // In turn, because the questions drive the search for the largest packet.
        while outcomes.contains(where: { $0 == nil }) {
            for (index, probe) in started.enumerated() {
                if case .underWay(let id) = probe, outcomes[index] == nil { outcomes[index] = outcome(ofProbe: id) }
            }
            Linux.Thread.sleep(Self.beat)
        }
        return outcomes.compactMap { $0 }
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
