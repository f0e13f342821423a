// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Glibc
import Linux
import Testing

// SOCK_DGRAM and SOCK_RAW, which Glibc's module hides.
private let datagram: Int32 = 2
private let raw: Int32 = 3

/// Each test enters the sandbox in a process of its own.
struct `The sandbox` {
    @Test func `starts no process and no program`() async {
        await #expect(processExitsWith: .success) {
            try Sandbox.enter()
            #expect(Sandbox.isOn)
            let program = strdup("/bin/true")
            var (id, arguments) = (pid_t(0), [program, nil])
            #expect(posix_spawn(&id, "/bin/true", nil, nil, &arguments, nil) == EPERM)
            #expect(execv("/bin/true", &arguments) == -1)
            #expect(errno == EPERM)
        }
    }

    @Test func `opens no raw socket, inspects nobody and signals nobody`() async {
        await #expect(processExitsWith: .success) {
            try Sandbox.enter()
            #expect(socket(AF_PACKET, raw, 0) == -1)
            #expect(errno == EAFNOSUPPORT)
            #expect(kill(getppid(), 0) == -1)
            #expect(errno == EPERM)
            #expect(kill(getpid(), 0) == 0)
            #expect(mount("none", "/mnt", "tmpfs", 0, nil) == -1)
            #expect(errno == EPERM)
            #expect(chroot("/") == -1)
            #expect(errno == EPERM)
            #expect(setuid(getuid()) == -1)
            #expect(errno == EPERM)
            let page = mmap(nil, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            #expect(page == MAP_FAILED)
            #expect(errno == EPERM)
            let plain = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            #expect(plain != MAP_FAILED)
            #expect(mprotect(plain, 4096, PROT_READ | PROT_EXEC) == -1)
        }
    }

    @Test func `leaves threads, files, sockets and names of hosts as they are`() async {
        await #expect(processExitsWith: .success) {
            let before = try Linux::Thread(name: "before") { while !Sandbox.isOn { usleep(1000) } }
            try Sandbox.enter()
            // The filter holds for threads that were there already.
            before.join()
            let thread = try Linux::Thread(name: "after", nice: 5) {}
            thread.join()
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-\(UUID().uuidString)").path
            try Files.makePrivateDirectory(folder)
            try Files.writeAtomically([1, 2, 3], to: folder + "/file")
            #expect(try Files.read(folder + "/file") == [1, 2, 3])
            try Files.remove(folder + "/file")
            rmdir(folder)
            var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
            #expect(if_indextoname(if_nametoindex("lo"), &name) != nil)
            var found: UnsafeMutablePointer<addrinfo>?
            #expect(getaddrinfo("localhost", "80", nil, &found) == 0)
            freeaddrinfo(found)
            #expect(socket(AF_INET6, datagram, 0) >= 0)
            #expect(socket(AF_NETLINK, raw, 0) >= 0)
        }
    }
}
