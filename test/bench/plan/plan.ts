import { makePlan } from "#core/plan.ts";

import { median, type Figure, type Part } from "../figure.ts";
import { shapes, targetsIn, type Shape } from "./shapes.ts";

const warmUps = 3;
const rounds = 15;

/** Planning is synchronous: so long does it hold up everything else in the process. */
export const plan: Part = {
  name: "plan",
  about: "one plan of 10,000 targets, its questions answered",
  measure: async ({ progress }) =>
    shapes.map((shape, index) => {
      progress(`shape ${index + 1} of ${shapes.length}`);
      return figureOf(shape);
    }),
};

function figureOf(shape: Shape): Figure {
  const targets = targetsIn(shape);
  if (targets < 10_000) throw new Error(`${shape.name} has only ${targets} targets`);
  const times = Array.from({ length: warmUps + rounds }, () => planOnce(shape)).slice(warmUps);
  return { what: shape.name, value: median(times), unit: "ms", bound: { atMost: 100 } };
}

function planOnce({ name, input }: Shape): number {
  const started = performance.now();
  const { streams, questions } = makePlan(input);
  const time = performance.now() - started;
  if (streams.length !== input.streams.length || questions.length > 0)
    throw new Error(`${name} was not planned whole`);
  return time;
}
