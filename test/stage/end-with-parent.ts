/**
 * Loaded before a program of a stage (`--import`): its standard input is a pipe that nobody writes to, and that the
 * system closes when the stage's own process dies, however it dies. Nothing outlives it.
 */
process.stdin.once("end", () => process.kill(process.pid, "SIGTERM"));
process.stdin.resume();
if ("unref" in process.stdin && typeof process.stdin.unref === "function") process.stdin.unref();
