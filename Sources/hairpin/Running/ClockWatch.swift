// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Logging
import Relay

/// Says in the log when the host's clock went back behind handshakes that the hub sent. Devices refuse older ones, so the hub goes on from
/// its newest, after a restart too (WG-T-5, CVE-2021-46873).
struct ClockWatch {
    /// Steps below this are those of a clock that is being adjusted.
    private static let tolerance: Duration = .seconds(2)

    private var isBehind = false

    mutating func look(at engine: Engine, logger: Logger) {
        let lag = engine.clockLag
        defer { isBehind = lag > Self.tolerance }
        guard lag > Self.tolerance, !isBehind else { return }
        logger.warning(
            "the clock of this host is behind the last handshake sent; correct it (devices take handshakes from the hub meanwhile)",
            metadata: ["seconds": "\(lag.components.seconds)"])
    }
}
