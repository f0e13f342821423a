// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// What a device is doing, in one word. The rule of each word stands on the page beside it.
public enum DeviceState: String, CaseIterable, Sendable {
    case online
    case idle
    case stale
    case neverSeen = "never_seen"
    case disabled
    case expired

    /// A device that was heard from within this many seconds is online. WireGuard renews sessions every two minutes while there is
    /// traffic, and keepalives come more often.
    public static let onlineSeconds: Int64 = 180
    /// Longer silence is stale even where silence is normal.
    public static let staleSeconds: Int64 = 86_400

    /// `heard` is the last packet or handshake that authenticated; nil when there was none since the key was set.
    public init(of device: Device, defaults: Defaults, heard: UnixTime?, now: UnixTime) {
        if !device.enabled {
            self = .disabled
        } else if device.isExpired(at: now) {
            self = .expired
        } else if let heard {
            let silence = now.seconds(since: heard)
            if silence <= Self.onlineSeconds {
                self = .online
            } else {
                let keepalive = device.overrides.persistentKeepalive.resolved(over: defaults.settings.persistentKeepalive)
                self = keepalive == 0 && silence <= Self.staleSeconds ? .idle : .stale
            }
        } else {
            self = .neverSeen
        }
    }

    /// The state in a word or two.
    public var word: Phrase {
        switch self {
        case .online: "online"
        case .idle: "idle"
        case .stale: "stale"
        case .neverSeen: "never seen"
        case .disabled: "disabled"
        case .expired: "expired"
        }
    }

    /// When a device is in this state.
    public var rule: Phrase {
        switch self {
        case .online: "Heard from within 3 minutes."
        case .idle: "Quiet, as expected with keepalive off. Heard from within a day."
        case .stale: "Silent for more than 3 minutes with keepalive on, or for a day: off or cut off."
        case .neverSeen: "Has not connected with this key yet."
        case .disabled: "Switched off here. The hub does not answer it."
        case .expired: "Its expiry date has passed. The hub does not answer it."
        }
    }
}
