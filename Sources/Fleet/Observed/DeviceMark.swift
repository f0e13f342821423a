// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// What a list shows beside the state of a device because somebody should look at it.
public enum DeviceMark: String, CaseIterable, Sendable {
    case noData = "no_data"
    case oldFile = "old_file"

    /// The mark in a word or two.
    public var word: Phrase {
        switch self {
        case .noData: "handshake but no data"
        case .oldFile: "file is old"
        }
    }

    /// When the mark is shown, and what to do.
    public var rule: Phrase {
        switch self {
        case .noData: "Online, but only handshakes and keepalives ever came with this key: nothing on the device uses the tunnel."
        case .oldFile: "Its settings changed since it last fetched its file. Put the new file on the device."
        }
    }

    /// True when the device has the mark.
    public func isOn(_ device: Device, _ overview: Overview) -> Bool {
        switch self {
        case .noData: overview.movesNoData(device)
        case .oldFile: device.isConfigStale
        }
    }
}
