// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A page: its file in Templates and the names that the file may use.
struct Page: Sendable {
    let name: String
    let shape: TemplateShape

    init(_ name: String, _ shape: TemplateShape) {
        self.name = name
        self.shape = shape
    }
}
