// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The state of a device in one word. Pages show the rule next to the word.
public enum DeviceState: String, CaseIterable, Sendable {
    case online
    case idle
    case stale
    case neverSeen = "never_seen"
    case disabled
    case expired

    /// A device is online if it was heard within this many seconds. With traffic, WireGuard renews sessions every two minutes, and
    /// keepalives are more frequent than that.
    public static let onlineSeconds: Int64 = 180
    /// Seconds of silence after which a device is stale, even if it sends no keepalives.
    public static let staleSeconds: Int64 = 86_400

    /// `heard` is the time of the last authenticated packet or handshake; nil if there was none since the key was set.
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

    /// The state in one or two words.
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
