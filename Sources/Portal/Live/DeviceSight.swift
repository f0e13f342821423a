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
    let endpoint: Endpoint?
    /// As the device sees it: received is what the hub sent to it.
    let received: UInt64
    let sent: UInt64
    let rate: Rates.Rate?
    /// Where two machines were seen that seem to share its key; empty when there is one.
    let contested: [Endpoint]
    /// True when the engine runs the newest change of this device.
    let isApplied: Bool
    private let now: UnixTime

    init(
        device: Device, settings: Settings, peer: EngineSnapshot.PeerState?, rate: Rates.Rate?, contested: [Endpoint] = [], generation: Generation,
        now: UnixTime
    ) {
        self.device = device
        self.settings = settings
        handshake = peer?.lastHandshakeAt.map { UnixTime(seconds: $0) }
        let packet = peer?.lastReceivedAt.map { UnixTime(seconds: $0) }
        heard = [handshake, packet].compactMap { $0 }.max()
        state = DeviceState(of: device, settings: settings, heard: heard, now: now)
        endpoint = peer?.endpoint
        received = peer?.sentBytes ?? 0
        sent = peer?.receivedBytes ?? 0
        self.rate = rate
        self.contested = contested
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
