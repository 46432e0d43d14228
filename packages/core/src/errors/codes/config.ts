import { code } from "../code.ts";

export const configCodes = {
  CONFIG__INVALID: code("caller", "the configuration {file} is invalid: {reason}"),
  CONFIG__UNREADABLE: code("environment", "the configuration {file} can't be read: {reason}"),
  CONFIG__KEY_EXPOSED: code(
    "environment",
    "the private key {file} can be read by others than its owner (mode {mode}): chmod 600",
  ),
  CONFIG__TOKEN_UNUSABLE: code("environment", "the token in {file} (metrics.tokenFile) can't be used: {reason}"),
  CONFIG__STATE_FOLDER_UNUSABLE: code(
    "environment",
    "stateFolder {folder} can't be used: {reason}; it has to be a folder that this process may write, or a new one in a folder that is there",
  ),
  CONFIG__ADDRESS_UNUSABLE: code(
    "environment",
    "the HTTP APIs can't listen on {host}:{port}: {reason}; choose another http.host or http.port, or stop what uses it",
  ),
} as const;
