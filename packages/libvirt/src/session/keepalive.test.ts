import { expect, test } from "vitest";
import { type KeepaliveEffect, type KeepaliveInput, startKeepalive, stepKeepalive } from "./keepalive.ts";

/** The effects of each input in turn. */
function effectsOf(inputs: readonly KeepaliveInput[]): readonly (readonly KeepaliveEffect[])[] {
  let state = startKeepalive({ intervalMs: 5_000, probes: 2 });
  return inputs.map((input) => {
    const next = stepKeepalive(state, input);
    state = next.state;
    return next.effects;
  });
}

const probe = [{ kind: "probe" }];

test("a peer that talks is not probed", () => {
  expect(effectsOf(["elapsed", "heard", "elapsed", "heard", "heard", "elapsed"]).flat()).toEqual([]);
});

test("a peer that is silent for an interval is probed, and dropped when no probe is answered", () => {
  expect(effectsOf(["elapsed", "elapsed", "elapsed", "elapsed"])).toEqual([
    [],
    probe,
    probe,
    [{ kind: "drop", silentMs: 15_000 }],
  ]);
});

test("any message counts as an answer, and the count starts anew", () => {
  expect(effectsOf(["elapsed", "elapsed", "elapsed", "heard", "elapsed", "elapsed", "elapsed", "elapsed"])).toEqual([
    ...[[], probe, probe, []],
    ...[[], probe, probe, [{ kind: "drop", silentMs: 15_000 }]],
  ]);
});
