import { code } from "../code.ts";

export const cliCodes = {
  CLI__USAGE: code("caller", "{reason}"),
  CLI__TIMEOUT: code("environment", "it wasn't done within {limitSeconds} s (--timeout)"),
  CLI__INTERRUPTED: code("caller", "interrupted by {signal}"),
  CLI__OUTPUT_CLOSED: code("environment", "whoever read the output has gone"),
  CLI__OUTPUT_FAILED: code("environment", "the output can't be written: {reason}"),
  CLI__OUTPUT_EXCEEDED: code("environment", "whoever reads the output is too slow: more than {limitBytes} bytes wait"),
  CLI__FILE_UNREADABLE: code("environment", "{file} can't be read: {reason}"),
  CLI__BROKEN_INPUT: code("caller", "{source}, {where}: {reason}"),
  CLI__NO_SERVER: code("environment", "no server can be used: {reasons}"),
  CLI__DATABASE_UNCLEAR: code("caller", "the server at {remote} has the databases {databases}; say which one is meant"),
  CLI__LOCK_LOST: code("environment", "lock {lock} was lost while {command} ran, so that was ended: {reason}"),
  CLI__CONTROLLER_UNREACHABLE: code("environment", "the controller at {url} can't be reached: {reason}"),
  CLI__BROKEN_ANSWER: code("peer", "{url} doesn't answer as the controller does: {reason}; is --url right?"),
  CLI__CALL_REFUSED: code("caller", "{reason} ({code}, HTTP status {status})"),
  CLI__FLOW_REFUSED: code("peer", "switch {switch} doesn't hold flow {flow}: {reason}"),
  CLI__COMMAND_NOT_STARTED: code("caller", "{command} can't be started: {reason}"),
} as const;
