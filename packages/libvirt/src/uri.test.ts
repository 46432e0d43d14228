import { expect, test } from "vitest";
import { parseLibvirtUri } from "./uri.ts";

test("a socket can be named, and the daemon is asked for the driver without the transport", () => {
  expect(parseLibvirtUri("qemu+unix:///system?socket=/tmp/hv1/libvirt-sock")).toEqual({
    uri: "qemu+unix:///system?socket=/tmp/hv1/libvirt-sock",
    socketPath: "/tmp/hv1/libvirt-sock",
    driverUri: "qemu:///system",
  });
});

test.each(["qemu:///system", "qemu+unix:///system"])("%s means the system's own socket", (uri) => {
  expect(parseLibvirtUri(uri).socketPath).toBe("/run/libvirt/libvirt-sock");
});

test.each([
  ["qemu+tcp://10.9.0.1/system", "the transport tcp is not supported"],
  ["qemu+tls://10.9.0.1/system", "the transport tls is not supported"],
  ["qemu+ssh://root@10.9.0.1/system", "the transport ssh is not supported"],
  ["qemu://10.9.0.1/system", "a host can't be reached over a UNIX socket"],
  ["lxc:///system", "the driver lxc is not supported"],
  ["qemu:///session", "only the system daemon is supported"],
  ["qemu+unix:///system?socket=libvirt-sock", "not absolute"],
  ["qemu+unix:///system?socket=/a%00b", "not absolute"],
  ["qemu+unix:///system?mode=legacy", "the parameter mode is unknown"],
  ["/run/libvirt/libvirt-sock", "it is not a URI"],
])("%s is refused: %s", (uri, reason) => {
  expect(() => parseLibvirtUri(uri)).toThrow(reason);
});
