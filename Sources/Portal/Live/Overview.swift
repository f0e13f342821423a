// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Store

/// One moment of everything the pages show: the database in one read, the engine's snapshot beside it. What was observed of devices comes
/// with the snapshot, which also tells of earlier runs.
struct Overview {
    let hub: Hub
    let defaults: Defaults
    let devices: [Device]
    let generation: Generation
    let engine: EngineSnapshot
    let now: UnixTime
    private let rates: Rates

    init(_ transaction: ReadTransaction, engine: EngineSnapshot, rates: Rates, now: UnixTime) throws {
        hub = try transaction.hub()
        defaults = try transaction.defaults()
        devices = try transaction.devices()
        generation = try transaction.generation()
        self.engine = engine
        self.rates = rates
        self.now = now
    }

    func sight(of device: Device) -> DeviceSight {
        DeviceSight(
            device: device, settings: device.settings(over: defaults), peer: engine.peers[device.publicKey],
            rate: rates.rate(of: device.publicKey), contested: engine.contestedKeys[device.publicKey] ?? [], generation: generation, now: now)
    }

    var reachability: Reachability { Reachability(devices: devices, defaults: defaults, hub: hub, now: now) }

    /// Devices that were heard from within three minutes.
    var onlineCount: Int { devices.count { sight(of: $0).state == .online } }

    /// The port that devices dial when an endpoint names none.
    var hubPort: UInt16 { engine.listen?.port ?? 51820 }

    /// The default endpoint is missing, or it is an address that only this host's network knows.
    var endpointNotice: TemplateValue {
        guard let endpoint = defaults.settings.endpoint else { return "Devices have no endpoint to dial: their files lack the line." }
        guard let address = IPAddress(endpoint.host), address.isPrivate else { return "" }
        return .text("Devices dial \(endpoint), an address that the Internet does not route. Is it the one they should use?")
    }
}
