// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Store

/// One moment of everything the pages show: the database in one read, the engine's snapshot beside it.
struct Overview {
    let hub: Hub
    let defaults: Defaults
    let devices: [Device]
    let generation: Generation
    let observations: [PublicKey: Observation]
    let engine: EngineSnapshot
    let now: UnixTime
    private let rates: Rates

    init(_ transaction: ReadTransaction, engine: EngineSnapshot, rates: Rates, now: UnixTime) throws {
        hub = try transaction.hub()
        defaults = try transaction.defaults()
        devices = try transaction.devices()
        generation = try transaction.generation()
        observations = try transaction.observations()
        self.engine = engine
        self.rates = rates
        self.now = now
    }

    func sight(of device: Device) -> DeviceSight {
        DeviceSight(
            device: device, settings: device.settings(over: defaults), peer: engine.peers[device.publicKey],
            observation: observations[device.publicKey], rate: rates.rate(of: device.publicKey), generation: generation, now: now)
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

/// What is known of one device at one moment.
struct DeviceSight {
    let device: Device
    let settings: Settings
    let state: DeviceState
    let heard: UnixTime?
    let handshake: UnixTime?
    let endpoint: Endpoint?
    /// As the device sees it: received is what the hub sent to it.
    let received: UInt64
    let sent: UInt64
    let rate: Rates.Rate?
    let drops: [DropReason: UInt64]
    /// True when the engine runs the newest change of this device.
    let isApplied: Bool
    private let now: UnixTime

    init(
        device: Device, settings: Settings, peer: EngineSnapshot.PeerState?, observation: Observation?, rate: Rates.Rate?,
        generation: Generation, now: UnixTime
    ) {
        self.device = device
        self.settings = settings
        handshake = [peer?.lastHandshakeAt.map { UnixTime(seconds: $0) }, observation?.lastHandshakeAt].compactMap { $0 }.max()
        let packet = [peer?.lastReceivedAt.map { UnixTime(seconds: $0) }, observation?.lastSeenAt].compactMap { $0 }.max()
        heard = [handshake, packet].compactMap { $0 }.max()
        state = DeviceState(of: device, settings: settings, heard: heard, now: now)
        endpoint = peer?.endpoint ?? observation?.endpoint
        received = peer?.sentBytes ?? UInt64(max(0, observation?.sentBytes ?? 0))
        sent = peer?.receivedBytes ?? UInt64(max(0, observation?.receivedBytes ?? 0))
        self.rate = rate
        drops = peer?.drops ?? [:]
        isApplied = generation.applied >= device.revision
        self.now = now
    }

    var age: String { heard?.relative(to: now) ?? "" }
    var down: String { rate.map { "↓ " + Amount.rate($0.down) } ?? "" }
    var up: String { rate.map { "↑ " + Amount.rate($0.up) } ?? "" }

    /// The parts of a page that change by themselves, by the names that the script looks for.
    var live: [String: String] {
        [
            "id": device.id, "state": state.rawValue, "word": state.word, "rule": state.rule, "age": age, "down": down, "up": up,
            "endpoint": endpoint?.description ?? "unknown",
        ]
    }
}
