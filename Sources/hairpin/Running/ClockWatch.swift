// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Logging
import Relay

/// Logs a warning if the host's clock is behind the timestamps of handshakes that the hub has sent. Devices refuse older timestamps, so the
/// hub continues from its newest one, even after a restart (WG-T-5, CVE-2021-46873).
struct ClockWatch {
    /// Smaller steps are normal clock adjustments.
    private static let tolerance: Duration = .seconds(2)

    private var isBehind = false

    mutating func look(at engine: Engine, logger: Logger) {
        let lag = engine.clockLag
        defer { isBehind = lag > Self.tolerance }
        guard lag > Self.tolerance, !isBehind else { return }
        logger.warning(
            "the clock of this host is behind the last handshake sent; correct it (devices still accept the hub's handshakes)",
            metadata: ["seconds": "\(lag.components.seconds)"])
    }
}
