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
    let index: DeviceIndex
    let generation: Generation
    let engine: EngineSnapshot
    let now: UnixTime
    private let rates: Rates
    private let cache: ReachabilityCache

    init(_ transaction: ReadTransaction, engine: EngineSnapshot, rates: Rates, cache: ReachabilityCache, now: UnixTime) throws {
        hub = try transaction.hub()
        defaults = try transaction.defaults()
        index = try transaction.deviceIndex()
        generation = try transaction.generation()
        self.engine = engine
        self.rates = rates
        self.cache = cache
        self.now = now
    }

    /// By name.
    var devices: [Device] { index.devices }

    func sight(of device: Device) -> DeviceSight {
        DeviceSight(
            device: device, defaults: defaults, peer: engine.peers[device.publicKey],
            rate: rates.rate(of: device.publicKey), contested: engine.contestedKeys[device.publicKey] ?? [], generation: generation, now: now)
    }

    /// When the device was heard last, by any authenticated packet.
    func heard(_ device: Device) -> UnixTime? { engine.peers[device.publicKey]?.heard }

    /// The state alone, which costs less than all that is to be seen.
    func state(of device: Device) -> DeviceState { DeviceState(of: device, defaults: defaults, heard: heard(device), now: now) }

    /// It shakes hands, but nothing ever uses the tunnel.
    func movesNoData(_ device: Device) -> Bool {
        guard let peer = engine.peers[device.publicKey], peer.lastHandshakeAt != nil, peer.lastDataAt == nil else { return false }
        return state(of: device) == .online
    }

    func rate(of device: Device) -> Rates.Rate? { rates.rate(of: device.publicKey) }

    /// Those of all devices that have one.
    var allRates: [PublicKey: Rates.Rate] { rates.all }

    /// Who reaches whom. Made once for each generation, however many pages ask.
    var reachability: Reachability { cache.reachability(of: self) }

    /// Devices that were heard from within three minutes.
    var onlineCount: Int { devices.count { state(of: $0) == .online } }

    /// The port that devices dial when an endpoint names none.
    var hubPort: UInt16 { engine.hubPort }

    /// The default endpoint is missing, or it is an address that only this host's network knows.
    var endpointNotice: Phrase {
        guard let endpoint = defaults.settings.endpoint else { return "Devices have no endpoint to dial: their files lack the line." }
        guard let address = IPAddress(endpoint.host), address.isPrivate else { return "" }
        return "Devices dial \(endpoint), an address that the Internet does not route. Is it the one they should use?"
    }
}
