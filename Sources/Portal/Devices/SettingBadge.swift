// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// How far one setting of a device has come: to the hub, and into the file on the device.
enum SettingBadge: Hashable {
    /// The hub does not run it yet.
    case waiting
    /// The hub runs it, and the device's file has another value.
    case fileIsOld
    /// The hub runs it; the file that the device fetched has it, where it is in the file.
    case applied
    /// The hub has no use for it: it is in the file that the device fetched.
    case inFile
    /// The hub has no use for it, and nobody fetched the file here.
    case notFetched

    /// `revision` is the generation that changed the setting last. What only the file uses is never waited for.
    init(_ device: Device, revision: Int64, isEnforced: Bool, applied: Int64) {
        if isEnforced, revision > applied {
            self = .waiting
        } else if device.lacks(revision) {
            self = .fileIsOld
        } else if isEnforced {
            self = .applied
        } else {
            self = device.fetchedConfigRevision == nil ? .notFetched : .inFile
        }
    }

    var word: Phrase {
        switch self {
        case .waiting: "waiting"
        case .fileIsOld: "the device needs its new file"
        case .applied: "applied on the hub"
        case .inFile: "in its file"
        case .notFetched: "file not fetched yet"
        }
    }

    /// A class of `mark` in the style sheet.
    var look: String {
        switch self {
        case .waiting, .fileIsOld: ""
        case .applied, .inFile: "good"
        case .notFetched: "calm"
        }
    }
}

/// For the template `_badge`, in which it is called `badge`.
extension SettingBadge: TemplateModel {
    static var fields: [TemplateField<SettingBadge>] { [.phrase("word", \.word), .text("look", \.look)] }
}
