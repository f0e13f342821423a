// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store

/// What a list shows beside the state of a device because somebody should look at it.
enum DeviceMark: String, CaseIterable, Sendable {
    case noData = "no_data"
    case oldFile = "old_file"

    var word: Phrase {
        switch self {
        case .noData: "handshake but no data"
        case .oldFile: "file is old"
        }
    }

    var rule: Phrase {
        switch self {
        case .noData: "Online, but only handshakes and keepalives ever came with this key: nothing on the device uses the tunnel."
        case .oldFile: "Its settings changed since it last fetched its file. Put the new file on the device."
        }
    }

    func isOn(_ device: Device, _ overview: Overview) -> Bool {
        switch self {
        case .noData: overview.movesNoData(device)
        case .oldFile: device.isConfigStale
        }
    }

    /// The marks with their rules, for the template `_legend`.
    static var legend: [InLegend] { allCases.map(InLegend.init) }

    struct InLegend: TemplateModel {
        let mark: DeviceMark

        static var fields: [TemplateField<InLegend>] { [.object("mark", \.mark)] }
    }
}

extension DeviceMark: TemplateModel {
    static var fields: [TemplateField<DeviceMark>] { [.text("key", \.rawValue), .phrase("word", \.word), .phrase("rule", \.rule)] }
}
