// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// What is known of one device at one moment.
public struct DeviceSight: Sendable {
    public let device: Device
    public let settings: Settings
    public let state: DeviceState
    public let heard: UnixTime?
    public let handshake: UnixTime?
    /// When it sent something that was no keepalive.
    public let data: UnixTime?
    public let endpoint: Endpoint?
    /// As the device sees it: received is what the hub sent to it.
    public let received: UInt64
    public let sent: UInt64
    public let rate: Rates.Rate?
    /// Where two machines were seen that seem to share its key; empty when there is one.
    public let contested: [Endpoint]
    /// True when the engine runs the newest change of this device.
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

    /// Seconds since it was heard; nil when it never was.
    public var silence: Int64? { heard.map { now.seconds(since: $0) } }
    public var age: Phrase { heard?.relative(to: now) ?? "" }
    public var down: Phrase { rate?.downPhrase ?? "" }
    public var up: Phrase { rate?.upPhrase ?? "" }
}
