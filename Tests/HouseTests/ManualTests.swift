// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

/// Compares the manual page, which is written by hand, with the program's options and commands.
@Suite struct `The manual page` {
    private let manual = SourceFile(path: "Packaging/hairpin.1").text

    @Test func `lists every option of serve`() {
        let declarations = ["Sources/hairpin/Options/ServeOptions.swift", "Sources/hairpin/Options/DataOptions.swift"]
        let names = declarations.flatMap { path in
            let text = SourceFile(path: path).text
            let own = text.matches(of: /customLong\("([^"]+)"\)/).map { String($0.1) }
            let derived = text.matches(of: /@(?:Option|Flag)\(help:[^\n]*\n +var (\w+)/).map { match in
                match.1.reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : String($1) }
            }
            return own + derived
        }
        #expect(names.count > 15)
        #expect(names.filter { !manual.contains("Fl -\($0) ") && !manual.contains("Fl -\($0)\n") } == [])
    }

    @Test func `lists every command`() {
        let commands = SourceTree.files(under: ["Sources/hairpin/Commands"]).flatMap { file in
            file.text.matches(of: /commandName: "([^"]+)"/).map { String($0.1) }
        }
        #expect(commands.count > 5)
        #expect(commands.filter { $0 != "serve" && !manual.contains($0) } == [])
    }
}
