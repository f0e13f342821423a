// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Glibc
import Testing

/// The portal's process under difficult conditions: HTTPS with stock clients, no descriptors left, and an impatient stop.
@Suite(.needsLab)
struct `A portal under strain` {
    @Test func `serves HTTPS, redirects to it, and reloads its certificate during open connections`() throws {
        try Lab.run { lab in
            let certificate = try lab.certificate(name: "hub.example.org")
            let hub = try Hub(
                in: lab, "--tls-certificate", "\(certificate)/certificate.pem", "--tls-key", "\(certificate)/key.pem", "--host-name",
                "hub.example.org",
                "--http-redirect", "127.0.0.1:8081")
            let curl = ["curl", "--silent", "--show-error", "--max-time", "20", "--resolve", "hub.example.org:8080:127.0.0.1"]
            let trusted = curl + ["--cacert", "\(certificate)/certificate.pem"]

            let page = try hub.namespace.expect(trusted + ["--include", "https://hub.example.org:8080/login"])
            #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(page.contains("\r\nSet-Cookie: __Host-pre=") && page.contains("\r\nStrict-Transport-Security: max-age=31536000\r\n"))
            let plain = try hub.namespace.request("GET", "http://127.0.0.1:8081/devices?q=a")
            #expect(plain.status == 301 && plain.headers["location"] == "https://127.0.0.1:8080/devices?q=a")
            #expect(try hub.namespace.request("GET", "http://127.0.0.1:8081/api/v1/devices").status == 403)
            #expect(try hub.setupURL().hasPrefix("https://hub.example.org:8080/setup?token="))

            // One connection that sends a request every two seconds, during the renewal.
            let open = try BackgroundProcess(
                "open",
                hub.namespace.words([
                    "sh", "-c",
                    "(for i in 1 2 3 4; do printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n'; sleep 2; done; sleep 20)"
                        + " | openssl s_client -quiet -connect 127.0.0.1:8080",
                ]), folder: lab.folder)
            sleep(.milliseconds(500))
            try lab.renewCertificate(in: certificate, name: "hub.example.org")
            func trusts() throws -> Bool {
                try Command.run(hub.namespace.words(trusted + ["https://hub.example.org:8080/healthz"])).status == 0
            }
            #expect(try !trusts(), "the new certificate is in use without SIGHUP")
            hub.send(signal: SIGHUP)
            _ = try wait("the new certificate") { try trusts() ? true : nil }
            try Data("broken".utf8).write(to: URL(fileURLWithPath: "\(certificate)/key.pem"))
            hub.send(signal: SIGHUP)
            _ = try wait("the word about the bad key") { hub.log.contains("the previous certificate stays in use") ? true : nil }
            _ = try wait("four answers over one connection", upTo: .seconds(20)) {
                open.output.components(separatedBy: "HTTP/1.1 200 OK").count == 5 ? true : nil
            }
        }
    }

    @Test func `keeps working when it runs out of descriptors`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab, descriptors: 64)
            #expect(try hub.namespace.request("GET", "http://127.0.0.1:8080/healthz").status == 200)
            let before = try hub.processorTime()
            // Unfinished heads, so the slowest connection is closed for a new one.
            let crowd = try BackgroundProcess(
                "crowd",
                hub.namespace.words(
                    [
                        "python3", "-c",
                        """
                        import socket, time
                        held = []
                        for _ in range(60):
                            held.append(socket.create_connection(('127.0.0.1', 8080)))
                            held[-1].send(b'GET /')
                            time.sleep(0.05)
                        print('held', flush=True)
                        time.sleep(4)
                        """,
                    ]), folder: lab.folder)
            _ = try wait("the crowd") { crowd.output.contains("held") ? true : nil }
            sleep(.seconds(3))
            #expect(try hub.processorTime() - before < 1.5, "it uses the processor while it waits for descriptors")
            #expect(try hub.namespace.request("GET", "http://127.0.0.1:8080/healthz").status == 200, "the crowd keeps out a new visitor")
            _ = try wait("an answer after the crowd has gone", upTo: .seconds(30)) {
                try? hub.namespace.request("GET", "http://127.0.0.1:8080/healthz").status == 200 ? true : nil
            }
        }
    }

    @Test func `ends at once on a second SIGTERM`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            // A request that has begun and never ends keeps the first one waiting for up to ten seconds.
            let slow = try BackgroundProcess(
                "slow",
                hub.namespace.words(
                    [
                        "sh", "-c",
                        "(printf 'POST /login HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 9\\r\\n\\r\\n'; sleep 30) | socat - TCP:127.0.0.1:8080",
                    ]),
                folder: lab.folder)
            sleep(.milliseconds(500))
            hub.send(signal: SIGTERM)
            sleep(.seconds(1))
            #expect(hub.isRunning, "the first SIGTERM did not wait for the request")
            let second = ContinuousClock.now
            hub.send(signal: SIGTERM)
            _ = try wait("its end", upTo: .seconds(5)) { hub.isRunning ? nil : true }
            #expect(ContinuousClock.now - second < .seconds(2))
            slow.kill()
        }
    }

    @Test func `gives way to the relay and to handshakes`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            for (name, nice) in try hub.threads() {
                #expect(nice == (name.hasPrefix("http") ? 18 : 0), "\(name)")
            }
        }
    }
}
