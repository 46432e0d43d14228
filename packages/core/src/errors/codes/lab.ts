import { code } from "../code.ts";

export const labCodes = {
  LAB__COMMAND_FAILED: code("environment", "{command} exited with {status}: {stderr}"),
  LAB__TIMEOUT: code("environment", "{what} did not happen within {timeoutMs} ms"),
  LAB__NOT_INSIDE: code("bug", "{what} works only inside the lab: start the script with runInLab"),
  LAB__NAMESPACES_REFUSED: code(
    "environment",
    "this machine lets nobody make network, mount and process namespaces ({reason}): run as root, and in a container with --privileged",
  ),
  LAB__PORT_REFUSED: code("environment", "the lab can't listen on 127.0.0.1:{port}: {reason}; choose another port"),
  LAB__MISSING_FILE: code(
    "environment",
    "{what} is missing: there is no {path}; start through npm run demo or npm test, which bring it",
  ),
  LAB__MISSING_MODULE: code(
    "environment",
    "the guests' kernel {version} has no module {module} in {path}, and does not have it built in",
  ),
  LAB__DAEMON_ENDED: code(
    "environment",
    "{daemon} on {hypervisor} ended with {status} while it was needed; the end of its output: {output}",
  ),
  LAB__NO_HYPERVISOR: code("bug", "the lab has no hypervisor {index}, counted from 0: it has {count}"),
  LAB__POWERED_OFF: code("caller", "{hypervisor} is powered off: call start() first"),
  LAB__GUEST_AGENT_FAILED: code(
    "environment",
    "the guest agent of {guest} on {hypervisor} answered {command} with: {reason}",
  ),
  LAB__API_REFUSED: code("caller", "{call} was answered with {status}: {text}"),
  LAB__EXPECTATION_FAILED: code("bug", "{what}: expected {expected}, saw {seen}"),
} as const;
