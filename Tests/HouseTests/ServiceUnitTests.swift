// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

/// The systemd unit of the package: without these lines the hub would have more rights than it needs.
@Suite struct `The service unit` {
    private let lines = SourceFile(path: "Packaging/debian/hairpin.service").lines

    @Test func `waits for an address that appears after boot`() {
        #expect(["Restart=on-failure", "RestartSec=2", "StartLimitIntervalSec=0"].allSatisfy(lines.contains))
    }

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

    @Test func `gets the right to change the network from a drop-in alone, and with it one device`() {
        let source = SourceFile(path: "Packaging/debian/hairpin-gateway.conf")
        let dropIn = source.lines.filter { !$0.hasPrefix("#") && !$0.isEmpty }
        #expect(
            dropIn == [
                "[Service]", "AmbientCapabilities=CAP_NET_ADMIN", "CapabilityBoundingSet=CAP_NET_ADMIN", "PrivateDevices=no",
                "DeviceAllow=/dev/net/tun rw",
            ])
        let installed = "/usr/share/hairpin/hairpin-gateway.conf"
        #expect(source.text.contains("ln -s \(installed) /etc/systemd/system/hairpin.service.d/"))
        #expect(SourceFile(path: "Packaging/debian/build").text.contains("\"$here/hairpin-gateway.conf\" \"$share/hairpin/hairpin-gateway.conf\""))
    }

    @Test func `has a folder for a portal at a Unix socket, and the option for it`() {
        #expect(lines.contains("RuntimeDirectory=wireguard hairpin"))
        #expect(SourceFile(path: "Packaging/debian/hairpin.default").lines.contains("#HAIRPIN_HTTP=unix:/run/hairpin/portal.sock"))
    }

    @Test func `comes with the queue sizes that the hub asks for`() {
        let source = SourceFile(path: "Sources/Linux/Sockets/UDPSocket.swift").lines
        #expect(source.contains { $0.contains("bufferByteCount: Int32 = 16 << 20") })
        let settings = SourceFile(path: "Packaging/debian/hairpin.sysctl").lines
        #expect(settings.contains("net.core.rmem_max = \(16 << 20)"))
        #expect(settings.contains("net.core.wmem_max = \(16 << 20)"))
        #expect(SourceFile(path: "Packaging/debian/build").lines.contains { $0.contains("/usr/lib/sysctl.d/30-hairpin.conf") })
    }
}
