import { configureGlobal } from "fast-check";

/**
 * Properties try the same cases on every run, so that a change is judged by itself and not by luck. `FC_SEED=random`
 * looks for new ones; a seed that found something is given as a number.
 */
const { FC_SEED: chosen } = process.env;
if (chosen !== "random") configureGlobal({ seed: Number(chosen ?? 20_260_101) });
