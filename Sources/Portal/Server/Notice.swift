// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The action that just finished, as a word in the URL of the page that reports it.
enum Notice: String {
    case saved, reverted, kept, added, removed, rotated, timeForgotten = "time_forgotten", enabled, disabled, nothingSelected = "nothing_selected",
        password, sessions, admin, revoked,
        factors

    var text: Phrase {
        switch self {
        case .saved: "Saved."
        case .reverted: "Undone."
        case .kept: "The change is kept."
        case .added: "Added. Give the device its file, and it connects."
        case .removed: "Removed."
        case .enabled: "Enabled."
        case .disabled: "Disabled. The hub does not answer these devices."
        case .nothingSelected: "Nothing was selected, so nothing was changed."
        case .timeForgotten: "The time is forgotten. The device connects with its next handshake."
        case .rotated: "The device has a new key. Its old file no longer works."
        case .password: "The password is changed. Your other sessions have ended."
        case .sessions: "Ended."
        case .factors: "Your second factors are changed. Your other sessions have ended."
        case .revoked: "This link is no longer valid."
        case .admin: "The account is changed."
        }
    }
}
