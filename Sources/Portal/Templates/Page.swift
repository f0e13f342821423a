// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A page that gives its template a dictionary: its file in Templates and the names that the file may use.
struct Page: TemplateFile {
    let name: String
    let shape: TemplateShape

    init(_ name: String, _ shape: TemplateShape) {
        self.name = name
        self.shape = shape
    }

    func program(_ nodes: [TemplateNode], frame: any TemplateFrame) throws(TemplateError) -> any Sendable {
        try frame.program(nodes, TemplateNames(shape))
    }
}
