// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Logging
import Net
import Relay
import Store

/// Suspends devices whose key two machines use, if their setting is `suspend`. While the Store fails, the failure is logged once; the next
/// check tries again.
struct CopiedKeyWatch {
    private let database: Database
    private let engine: Engine
    private let logger: Logger
    private let failure = RecurringFailure()

    init(database: Database, engine: Engine, logger: Logger) {
        self.database = database
        self.engine = engine
        self.logger = logger
    }

    /// Checks what the engine saw. Call it every few seconds.
    func look(at now: UnixTime) {
        let contested = Dictionary(engine.status(of: .keys([])).contestedKeys.map { ($0.publicKey, $0.endpoints) }) { first, _ in first }
        do {
            try database.suspend(contested, at: now)
            _ = failure.isOver()
        } catch {
            if failure.isNews(error) { logger.error("devices with a copied key are not suspended for now", metadata: ["error": "\(error)"]) }
        }
    }
}
