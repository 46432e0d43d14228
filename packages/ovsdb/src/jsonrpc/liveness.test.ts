import { expect, test } from "vitest";
import { initialLiveness, type LivenessInput, stepLiveness } from "./liveness.ts";

function effectsOf(inputs: readonly LivenessInput[]): readonly string[] {
  let state = initialLiveness;
  return inputs.flatMap((input) => {
    const step = stepLiveness(state, input);
    state = step.state;
    return step.effects;
  });
}

test("a peer that is heard in each interval isn't asked for an echo", () => {
  expect(effectsOf(["tick", "heard", "tick", "heard", "tick"])).toEqual([]);
});

test("a whole interval of silence asks for an echo, three of them give the peer up", () => {
  expect(effectsOf(["tick", "tick"])).toEqual(["probe"]);
  expect(effectsOf(["tick", "tick", "tick", "tick"])).toEqual(["probe", "probe", "giveUp"]);
});

test("an answer to the echo starts the count anew", () => {
  expect(effectsOf(["tick", "tick", "tick", "heard", "tick", "tick", "tick"])).toEqual([
    "probe",
    "probe",
    "probe",
    "probe",
  ]);
});
