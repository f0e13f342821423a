// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Templates
import Words

// The small marks beside devices and settings.

/// For the template `_state`, which calls it `state`.
extension DeviceState: TemplateModel {
    /// The names in templates.
    public static var fields: [TemplateField<DeviceState>] { [.text("key", \.rawValue), .phrase("word", \.word), .phrase("rule", \.rule)] }
}

extension DeviceMark: TemplateModel {
    /// The names in templates.
    public static var fields: [TemplateField<DeviceMark>] { [.text("key", \.rawValue), .phrase("word", \.word), .phrase("rule", \.rule)] }
}

extension TemplateField {
    /// All states and marks with their rules, for the template `_legend`.
    static var legend: [TemplateField] {
        [
            .list("legend", { _ in DeviceState.allCases }, [.object("state") { $0 }]),
            .list("marks", { _ in DeviceMark.allCases }, [.object("mark") { $0 }]),
        ]
    }
}

/// How far a change to one setting has got: to the hub, and into the file on the device.
enum SettingBadge: Hashable {
    /// The hub does not run it yet.
    case waiting
    /// The hub runs it, but the device's file has another value.
    case fileIsOld
    /// The hub runs it. If the setting is part of the file, the device has it.
    case applied
    /// The hub does not use the setting. The file on the device has it.
    case inFile
    /// The hub does not use the setting, and nobody got the file yet.
    case notDelivered

    /// `revision` is the generation that last changed the setting. A setting that only the file uses is never `waiting`.
    init(_ device: Device, revision: Int64, isEnforced: Bool, applied: Int64) {
        if isEnforced, revision > applied {
            self = .waiting
        } else if device.lacks(revision) {
            self = .fileIsOld
        } else if isEnforced {
            self = .applied
        } else {
            self = device.fetchedConfigRevision == nil ? .notDelivered : .inFile
        }
    }

    var word: Phrase {
        switch self {
        case .waiting: "waiting"
        case .fileIsOld: "the device needs its new file"
        case .applied: "applied on the hub"
        case .inFile: "in its file"
        case .notDelivered: "file not delivered yet"
        }
    }

    /// A class of `mark` in the style sheet.
    var look: String {
        switch self {
        case .waiting, .fileIsOld: ""
        case .applied, .inFile: "good"
        case .notDelivered: "calm"
        }
    }
}

/// For the template `_badge`, which calls it `badge`.
extension SettingBadge: TemplateModel {
    static var fields: [TemplateField<SettingBadge>] { [.phrase("word", \.word), .text("look", \.look)] }
}
