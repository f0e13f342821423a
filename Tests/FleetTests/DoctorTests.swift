// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Support
import Testing

@Suite struct `The doctor without a database` {
    private func firstFailure(_ a: Device, _ b: Device, _ status: HubStatus) -> String? {
        let failure = Doctor(from: a, to: b, in: .sample([a, b], status: status)).firstFailure
        if let failure { #expect(Cure.isNamed(in: failure.detail.description), "\(failure.detail)") }
        return failure?.name
    }

    @Test func `finds no problem if everything works`() {
        let (a, b) = (Device.sample("a", 2), Device.sample("b", 3))
        #expect(firstFailure(a, b, .hearing([a, b])) == nil)
    }

    @Test(arguments: [
        (Device.sample("b", 3, enabled: false), "receiver_enabled"),
        (Device.sample("b", 3, expiresAt: UnixTime(seconds: 1)), "receiver_not_expired"),
        (Device.sample("b", 3, ipv4: nil, ipv6: "fd00::3:2:3"), "common_family"),
        (Device.sample("b", 3, reaching: []), "in_receivers_allowed_ips"),
    ])
    func `names the first step that fails`(receiver: Device, step: String) {
        let a = Device.sample("a", 2)
        #expect(firstFailure(a, receiver, .hearing([a, receiver])) == step)
    }

    @Test func `distinguishes a device that never connected from one that fell silent`() {
        let (a, b) = (Device.sample("a", 2), Device.sample("b", 3))
        #expect(firstFailure(a, b, .hearing([a])) == "receiver_key_seen")
        #expect(firstFailure(a, b, .hearing([a, b], ago: 400)) == "sender_handshake")
    }

    @Test func `fills in observations of earlier runs, but keeps those of this run`() {
        let (a, b) = (Device.sample("a", 2), Device.sample("b", 3))
        let earlier = PeerSight(publicKey: a.publicKey, endpoint: Endpoint("192.0.2.9:9"), lastDataAt: UnixTime(seconds: 7))
        let status = HubStatus.hearing([a]).remembering([a.publicKey: earlier, b.publicKey: earlier], of: [a.publicKey])
        #expect(status.peers[a.publicKey]?.endpoint == Endpoint("198.51.100.7:40000"))
        #expect(status.peers[a.publicKey]?.lastDataAt == UnixTime(seconds: 7))
        #expect(status.peers[b.publicKey] == nil)
    }
}

@Suite struct `The state of a device by its rule` {
    @Test(arguments: [
        (Int64(0), UInt16(25), DeviceState.online), (180, 25, .online), (181, 25, .stale), (181, 0, .idle), (86_400, 0, .idle), (86_401, 0, .stale),
    ])
    func `follows silence and keepalive`(silence: Int64, keepalive: UInt16, state: DeviceState) {
        let now = UnixTime(seconds: 1_800_000_000)
        var defaults = Overview.sample([]).defaults
        defaults.settings.persistentKeepalive = keepalive
        #expect(DeviceState(of: .sample("a", 2), defaults: defaults, heard: now.adding(seconds: -silence), now: now) == state)
    }

    @Test func `is disabled rather than expired, and never seen without a packet`() {
        let (now, defaults) = (UnixTime(seconds: 100), Overview.sample([]).defaults)
        let state = { DeviceState(of: $0, defaults: defaults, heard: nil, now: now) }
        #expect(state(.sample("a", 2, enabled: false, expiresAt: UnixTime(seconds: 100))) == .disabled)
        #expect(state(.sample("a", 2, expiresAt: UnixTime(seconds: 100))) == .expired)
        #expect(state(.sample("a", 2, expiresAt: UnixTime(seconds: 101))) == .neverSeen)
    }
}
