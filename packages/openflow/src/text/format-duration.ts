/** A time in seconds with as many decimals as it has: `12.5s`. */
export function formatDuration(seconds: number, nanoseconds: number): string {
  const fraction = nanoseconds.toString().padStart(9, "0").replace(/0+$/, "");
  return fraction === "" ? `${seconds}s` : `${seconds}.${fraction.padEnd(3, "0")}s`;
}
