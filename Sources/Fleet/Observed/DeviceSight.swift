// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The known state of one device at one point in time.
public struct DeviceSight: Sendable {
    public let device: Device
    public let settings: Settings
    public let state: DeviceState
    public let heard: UnixTime?
    public let handshake: UnixTime?
    /// The time of the last packet from the device that was not a keepalive.
    public let data: UnixTime?
    public let endpoint: Endpoint?
    /// From the device's point of view: `received` counts bytes from the hub to the device.
    public let received: UInt64
    public let sent: UInt64
    public let rate: Rates.Rate?
    /// The endpoints of two machines that seem to share the device's key; empty if there is only one machine.
    public let contested: [Endpoint]
    /// True if the engine has applied the newest change to this device.
    public let isApplied: Bool
    public let now: UnixTime

    public init(
        device: Device, defaults: Defaults, peer: PeerSight?, rate: Rates.Rate?, contested: [Endpoint] = [],
        generation: Generation, now: UnixTime
    ) {
        self.device = device
        settings = device.settings(over: defaults)
        handshake = peer?.lastHandshakeAt
        data = peer?.lastDataAt
        heard = peer?.lastHeardAt
        state = DeviceState(of: device, defaults: defaults, heard: heard, now: now)
        endpoint = peer?.endpoint
        received = UInt64(clamping: peer?.sentBytes ?? 0)
        sent = UInt64(clamping: peer?.receivedBytes ?? 0)
        self.rate = rate
        self.contested = contested
        isApplied = generation.applied >= device.revision
        self.now = now
    }

    /// Seconds since the last packet or handshake; nil if there was none.
    public var silence: Int64? { heard.map { now.seconds(since: $0) } }
    public var age: Phrase { heard?.relative(to: now) ?? "" }
    public var down: Phrase { rate?.downPhrase ?? "" }
    public var up: Phrase { rate?.upPhrase ?? "" }
}
