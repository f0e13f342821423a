// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// A warning shown next to a device's state in a list, because the device needs attention.
public enum DeviceMark: String, CaseIterable, Sendable {
    case noData = "no_data"
    case oldFile = "old_file"
    case sharedKey = "shared_key"

    /// The mark in one or two words.
    public var word: Phrase {
        switch self {
        case .noData: "handshake but no data"
        case .oldFile: "out of date"
        case .sharedKey: "copied key"
        }
    }

    /// When the mark is shown, and how to fix the cause.
    public var rule: Phrase {
        switch self {
        case .noData: "Online, but only handshakes and keepalives have arrived with this key: nothing on the device uses the tunnel."
        case .oldFile: "Its settings changed since it got its file. Put the new file on the device."
        case .sharedKey: "Its key is on more than one machine, and they disconnect each other. Give each machine a device of its own."
        }
    }

    /// True if the device has this mark.
    public func isOn(_ device: Device, _ overview: Overview) -> Bool {
        switch self {
        case .noData: overview.movesNoData(device)
        case .oldFile: device.isConfigStale
        case .sharedKey: overview.status.contestedKeys[device.publicKey] != nil
        }
    }
}
