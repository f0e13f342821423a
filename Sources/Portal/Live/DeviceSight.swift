// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store

/// What is known of one device at one moment.
struct DeviceSight {
    let device: Device
    let settings: Settings
    let state: DeviceState
    let heard: UnixTime?
    let handshake: UnixTime?
    /// When it sent something that was no keepalive.
    let data: UnixTime?
    let endpoint: Endpoint?
    /// As the device sees it: received is what the hub sent to it.
    let received: UInt64
    let sent: UInt64
    let rate: Rates.Rate?
    /// Where two machines were seen that seem to share its key; empty when there is one.
    let contested: [Endpoint]
    /// True when the engine runs the newest change of this device.
    let isApplied: Bool
    let now: UnixTime

    init(
        device: Device, defaults: Defaults, peer: EngineSnapshot.PeerState?, rate: Rates.Rate?, contested: [Endpoint] = [],
        generation: Generation, now: UnixTime
    ) {
        self.device = device
        settings = device.settings(over: defaults)
        handshake = peer?.lastHandshakeAt.map { UnixTime(seconds: $0) }
        data = peer?.lastDataAt.map { UnixTime(seconds: $0) }
        heard = peer?.heard
        state = DeviceState(of: device, defaults: defaults, heard: heard, now: now)
        endpoint = peer?.endpoint
        received = peer?.sentBytes ?? 0
        sent = peer?.receivedBytes ?? 0
        self.rate = rate
        self.contested = contested
        isApplied = generation.applied >= device.revision
        self.now = now
    }

    /// Seconds since it was heard; nil when it never was.
    var silence: Int64? { heard.map { now.seconds(since: $0) } }
    var age: Phrase { heard?.relative(to: now) ?? "" }
    var down: Phrase { rate.map { "↓ \(Amount.rate($0.down))" } ?? "" }
    var up: Phrase { rate.map { "↑ \(Amount.rate($0.up))" } ?? "" }
}

extension EngineSnapshot.PeerState {
    /// The last packet or handshake that authenticated.
    var heard: UnixTime? { [lastHandshakeAt, lastReceivedAt].compactMap { $0 }.max().map { UnixTime(seconds: $0) } }
}
