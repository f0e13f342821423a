// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

/// Each target is a fence: it alone may import one dangerous thing, or it is barred from something. The targets and their
/// imports come from Package.swift; these tests say what must hold for each of them.
struct `The fences` {
    private let manifest: Manifest

    init() throws { manifest = try Manifest.house.get() }

    /// C modules and system modules that only these targets of the program may import. The build cannot fence system modules.
    static let homes: [String: Set<String>] = [
        "CSodium": ["Crypto"], "COpenSSL": ["Crypto"], "CGMP": ["Crypto"], "CIPsecMB": ["Crypto"],
        "CSSL": ["TLS"], "CSQLite": ["Store"], "CQREncode": ["Drawing"], "CMnl": ["Linux"], "CLinux": ["Linux"],
        "CCommonPasswords": ["Fleet"],
        // Store and Crypto need memcpy and the like; system calls belong in Linux.
        "Glibc": ["Linux", "Crypto", "Store"],
        "Foundation": [], "Dispatch": [],
    ]

    /// What a target must not import, not even through others.
    static let bars: [(target: String, from: Set<String>, why: String)] = [
        ("Net", ["Linux", "Crypto", "Logging"], "values need neither system nor secrets"),
        ("Words", ["Linux", "Crypto", "Logging"], "sentences need neither system nor secrets"),
        ("Fleet", ["Linux", "Logging", "Store", "HTTP", "Relay"], "the domain is pure"),
        ("WireGuard", ["Linux", "Logging"], "the protocol has no I/O and no clock"),
        ("Relay", ["Fleet", "Store", "HTTP", "Portal"], "the engine knows peers, not devices"),
        ("Store", ["Relay", "WireGuard", "HTTP", "Portal"], "the database knows neither the engine nor pages"),
        ("HTTP", ["Store", "Crypto", "Portal"], "the server knows no pages"),
        ("Templates", ["Fleet", "Store", "HTTP", "Crypto", "Linux", "Logging"], "templates know no request, no session, no device and no database"),
        ("Drawing", ["Fleet", "Store", "HTTP", "Templates", "Crypto", "Linux", "Logging"], "pictures know numbers only"),
        ("Portal", ["Relay", "Reconciler", "WireGuard"], "pages do not touch the engine"),
        ("Reconciler", ["HTTP", "Portal"], "applying changes needs no pages"),
    ]

    @Test func `every module of C has one home`() {
        let modules = manifest.targets.filter(\.isModuleOfC).map(\.name)
        #expect(modules.count > 5)
        #expect(modules.filter { Self.homes[$0] == nil } == [])
        for module in modules {
            let users = manifest.layers.filter { $0.imports.contains(module) }.map(\.name)
            #expect(Set(users) == Self.homes[module], "\(module)")
        }
    }

    @Test(arguments: homes.keys.sorted())
    func `a dangerous module is imported only in its home`(module: String) {
        let strangers = SourceTree.sources.filter { $0.imports.contains(module) && Self.homes[module]?.contains($0.target) != true }
        #expect(strangers.map(\.path) == [])
    }

    @Test func `a file imports only what its target's line names`() {
        let known = Set(manifest.targets.map(\.name))
        let allowed = Dictionary(uniqueKeysWithValues: manifest.targets.map { ($0.name, $0.imports) })
        let strangers = SourceTree.sources.flatMap { file in
            file.imports.filter { known.contains($0) && allowed[file.target]?.contains($0) != true }.map { "\(file) imports \($0)" }
        }
        #expect(strangers == [])
    }

    @Test func `no target reaches itself`() {
        #expect(manifest.targets.map(\.name).filter { manifest.reach(of: $0).contains($0) } == [])
    }

    @Test func `each target depends only on lower ones in the README's picture`() {
        let rows = Self.picture(in: SourceFile(path: "README.md").lines)
        #expect(rows.keys.sorted() == manifest.layers.map(\.name).sorted())
        for target in manifest.layers {
            for module in target.imports {
                guard let row = rows[target.name], let other = rows[module] else { continue }
                #expect(row < other, "\(target.name) imports \(module)")
            }
        }
    }

    @Test func `no target reaches what it is barred from`() {
        for bar in Self.bars { #expect(manifest.reach(of: bar.target).intersection(bar.from) == [], "\(bar.target): \(bar.why)") }
    }

    @Test func `developer tools are not part of the program`() {
        let tools = Set(manifest.targets.filter { !$0.ships }.map(\.name))
        #expect(tools.count > 10)
        for target in manifest.layers { #expect(target.imports.intersection(tools) == [], "\(target.name)") }
    }

    @Test func `a target's name is not the name of one of its types`() throws {
        for file in SourceTree.sources {
            let pattern = try Regex(#"(?m)^(?:public |final |indirect )*(?:struct|class|enum|protocol|actor) \#(file.target)\b"#)
            #expect(!file.text.contains(pattern), "\(file) declares a type \(file.target)")
        }
    }

    /// The line of each target in the picture that follows "## Architecture".
    private static func picture(in lines: [String]) -> [String: Int] {
        let house = lines.drop { $0 != "## Architecture" }.drop { !$0.hasPrefix("    ") }.prefix { $0.hasPrefix("    ") }
        var rows: [String: Int] = [:]
        for (row, line) in house.enumerated() {
            for word in line.prefix(widthOfPicture).matches(of: /\w+/) { rows[String(word.output)] = row }
        }
        return rows
    }

    /// Remarks are to the right of the picture.
    private static let widthOfPicture = 41
}
