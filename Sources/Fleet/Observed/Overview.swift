// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// Everything that pages show, at one point in time: the database from one read, and the hub's status. The status includes the observations
/// of devices, also from earlier runs.
public struct Overview: Sendable {
    public let hub: Hub
    public let defaults: Defaults
    public let index: DeviceIndex
    public let rules: RuleList
    public let generation: Generation
    public let status: HubStatus
    public let now: UnixTime
    private let rates: Rates
    let cache: ReachabilityCache

    public init(
        hub: Hub, defaults: Defaults, index: DeviceIndex, rules: RuleList = .none, generation: Generation, status: HubStatus, rates: Rates,
        cache: ReachabilityCache, now: UnixTime
    ) {
        self.hub = hub
        self.defaults = defaults
        self.index = index
        self.rules = rules
        self.generation = generation
        self.status = status
        self.rates = rates
        self.cache = cache
        self.now = now
    }

    /// All devices, sorted by name.
    public var devices: [Device] { index.devices }

    /// The known state of a device.
    public func sight(of device: Device) -> DeviceSight {
        DeviceSight(
            device: device, defaults: defaults, peer: status.peers[device.publicKey],
            rate: rates.rate(of: device.publicKey), contested: status.contestedKeys[device.publicKey] ?? [], generation: generation, now: now)
    }

    /// The time of the last authenticated packet from the device.
    public func heard(_ device: Device) -> UnixTime? { status.peers[device.publicKey]?.lastHeardAt }

    /// Only the device's state, which is cheaper than `sight(of:)`.
    public func state(of device: Device) -> DeviceState { DeviceState(of: device, defaults: defaults, heard: heard(device), now: now) }

    /// True if the device completes handshakes but sends no data.
    public func movesNoData(_ device: Device) -> Bool {
        guard let peer = status.peers[device.publicKey], peer.lastHandshakeAt != nil, peer.lastDataAt == nil else { return false }
        return state(of: device) == .online
    }

    /// The transfer rate of a device; nil until it has been measured twice.
    public func rate(of device: Device) -> Rates.Rate? { rates.rate(of: device.publicKey) }

    /// The transfer rates of all devices that have one.
    public var allRates: [PublicKey: Rates.Rate] { rates.all }

    /// Which devices reach each other. Computed once per generation, regardless of how many pages ask.
    public var reachability: Reachability { cache.reachability(of: self) }

    /// The one-sided links between all devices; nil if there are too many different lists. Computed once per generation.
    public var oneSidedLinks: OneSidedSearch? { cache.oneSided(of: self) }

    /// The number of devices that were heard within three minutes.
    public var onlineCount: Int { devices.count { state(of: $0) == .online } }

    /// The port that devices use if an endpoint has none.
    public var hubPort: UInt16 { status.hubPort }

    /// A notice that the default endpoint is missing, that it is an address known only in this host's network, or that it is not this host's
    /// any more. An administrator can confirm that the endpoint is right; there is then no notice.
    public var endpointNotice: Phrase {
        guard let endpoint = defaults.settings.endpoint else { return "Devices cannot connect: their files name no endpoint." }
        guard defaults.confirmedEndpoint != endpoint else { return "" }
        if let own = status.address(insteadOf: endpoint, at: now) { return Self.moved(endpoint, to: own) }
        guard let address = IPAddress(endpoint.host), address.isPrivate else { return "" }
        return "Devices connect to \(endpoint), which is not reachable from the Internet. Is that the right address?"
    }

    /// What to do if the host has moved and devices still dial its old address.
    public static func moved(_ endpoint: HostPort, to own: IPAddress) -> Phrase {
        "Devices connect to \(endpoint), but this host has no such address. It has \(own). If the host has moved, change the endpoint and give each device its new file."
    }
}
