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

/// The systemd unit of the package: without these lines the hub would have more rights than it needs.
@Suite struct `The service unit` {
    private let lines = SourceFile(path: "Packaging/debian/hairpin.service").lines

    @Test func `asks for no more than the hub needs`() {
        let needed = [
            "User=hairpin", "NoNewPrivileges=yes", "CapabilityBoundingSet=CAP_NET_BIND_SERVICE", "ProtectSystem=strict", "ProtectHome=yes",
            "PrivateDevices=yes", "MemoryDenyWriteExecute=yes", "RestrictNamespaces=yes", "LimitCORE=0", "UMask=0077", "StateDirectoryMode=0700",
            "SystemCallFilter=@system-service", "SystemCallFilter=~@privileged @resources", "SystemCallArchitectures=native",
            "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
        ]
        #expect(needed.filter { !lines.contains($0) } == [])
        #expect(!lines.contains { $0.contains("CAP_NET_ADMIN") || $0.contains("CAP_SYS_ADMIN") })
    }

    @Test func `comes with the queue sizes that the hub asks for`() {
        let source = SourceFile(path: "Sources/Linux/Sockets/UDPSocket.swift").lines
        #expect(source.contains { $0.contains("bufferByteCount: Int32 = 16 << 20") })
        let settings = SourceFile(path: "Packaging/debian/hairpin.sysctl").lines
        #expect(settings.contains("net.core.rmem_max = \(16 << 20)") && settings.contains("net.core.wmem_max = \(16 << 20)"))
        #expect(SourceFile(path: "Packaging/debian/build").lines.contains { $0.contains("/usr/lib/sysctl.d/30-hairpin.conf") })
    }
}
