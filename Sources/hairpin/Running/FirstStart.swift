// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Linux
import Logging
import Net
import Reconciler
import Store

/// The tasks of a first start only: creates the hub's key, networks and defaults, and gives the first admin access.
enum FirstStart {
    /// Creates the hub if there is none yet.
    static func makeHub(in database: Database, _ settings: ServeSettings, logger: Logger) throws {
        guard try database.read({ try $0.hubIfMade() }) == nil else { return }
        let hub = NewHub(
            ipv4Network: settings.network, ipv6Network: settings.network6, isWithoutIPv6: settings.isWithoutIPv6, endpoint: settings.endpoint,
            addresses: HostAddresses.current(besides: settings.tun),
            besides: HostAddresses.networks(besides: settings.tun))
        try database.change(by: .system, at: UnixTime.now()) { try $0.makeHub(hub) }
        if settings.endpoint == nil {
            logger.notice(
                "no --endpoint was given; devices will dial an address of this host until you change it on /settings/defaults",
                metadata: ["endpoint": "\(hub.defaults.endpoint?.description ?? "none")"])
        }
    }

    /// While there is no admin, creates a one-time setup URL, logs it and writes it to a private file in the data folder.
    static func offerSetup(in database: Database, base: String, logger: Logger) throws {
        guard try database.read({ try $0.isSetupOpen() }) else { return database.removeSetupAddressIfClosed() }
        let token = try database.write { try $0.issueSetupToken(at: UnixTime.now()) }
        let url = "\(base)/setup?token=\(token.reveal())"
        try database.writeSetupAddress(url)
        logger.notice("there is no admin yet: open this address once, within a day", metadata: ["url": "\(url)"])
    }
}
