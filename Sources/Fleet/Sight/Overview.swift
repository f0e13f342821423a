// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// One moment of everything the pages show: the database in one read, the status's snapshot beside it. What was observed of devices comes
/// with the snapshot, which also tells of earlier runs.
public struct Overview: Sendable {
    public let hub: Hub
    public let defaults: Defaults
    public let index: DeviceIndex
    public let generation: Generation
    public let status: HubStatus
    public let now: UnixTime
    private let rates: Rates
    private let cache: ReachabilityCache

    public init(
        hub: Hub, defaults: Defaults, index: DeviceIndex, generation: Generation, status: HubStatus, rates: Rates, cache: ReachabilityCache,
        now: UnixTime
    ) {
        self.hub = hub
        self.defaults = defaults
        self.index = index
        self.generation = generation
        self.status = status
        self.rates = rates
        self.cache = cache
        self.now = now
    }

    /// By name.
    public var devices: [Device] { index.devices }

    /// What is known of a device at this moment.
    public func sight(of device: Device) -> DeviceSight {
        DeviceSight(
            device: device, defaults: defaults, peer: status.peers[device.publicKey],
            rate: rates.rate(of: device.publicKey), contested: status.contestedKeys[device.publicKey] ?? [], generation: generation, now: now)
    }

    /// When the device was heard last, by any authenticated packet.
    public func heard(_ device: Device) -> UnixTime? { status.peers[device.publicKey]?.lastHeardAt }

    /// The state alone, which costs less than all that is to be seen.
    public func state(of device: Device) -> DeviceState { DeviceState(of: device, defaults: defaults, heard: heard(device), now: now) }

    /// It shakes hands, but nothing ever uses the tunnel.
    public func movesNoData(_ device: Device) -> Bool {
        guard let peer = status.peers[device.publicKey], peer.lastHandshakeAt != nil, peer.lastDataAt == nil else { return false }
        return state(of: device) == .online
    }

    /// Nil before there were two beats.
    public func rate(of device: Device) -> Rates.Rate? { rates.rate(of: device.publicKey) }

    /// Those of all devices that have one.
    public var allRates: [PublicKey: Rates.Rate] { rates.all }

    /// Who reaches whom. Made once for each generation, however many pages ask.
    public var reachability: Reachability { cache.reachability(of: self) }

    /// Devices that were heard from within three minutes.
    public var onlineCount: Int { devices.count { state(of: $0) == .online } }

    /// The port that devices dial when an endpoint names none.
    public var hubPort: UInt16 { status.hubPort }

    /// The default endpoint is missing, or it is an address that only this host's network knows.
    public var endpointNotice: Phrase {
        guard let endpoint = defaults.settings.endpoint else { return "Devices cannot connect: their files name no endpoint." }
        guard let address = IPAddress(endpoint.host), address.isPrivate else { return "" }
        return "Devices connect to \(endpoint), which is not reachable from the Internet. Is that the right address?"
    }
}
