import { expect, it } from "vitest";

import {
  renderFailedJobCheck,
  renderPolicyCheck,
  renderTargetProblemsCheck,
} from "#core/check-run-policy.ts";

const problem = {
  line: 12,
  column: 5,
  path: "services.demo-api.tags",
  sentence: 'Unknown key "mach": did you mean "match"?',
};

it("a valid policy is a success", () => {
  expect(renderPolicyCheck({ problems: [] })).toMatchObject({
    status: "completed",
    conclusion: "success",
  });
});

it("a broken one names every problem with its line", () => {
  const rendered = renderPolicyCheck({ problems: [problem, { ...problem, line: 3, path: "" }] });
  expect(rendered).toMatchObject({
    conclusion: "failure",
    title: "2 problems in the policy, first in line 12",
    annotations: [
      { path: ".github/sluice.yaml", line: 12, level: "failure", message: problem.sentence },
      { path: ".github/sluice.yaml", line: 3, level: "failure" },
    ],
  });
  expect(rendered.summary).toMatchInlineSnapshot(`
    "Sluice promotes nothing while the policy is broken. Rollouts that are under way go on.

    - Line 12, column 5, \`services.demo-api.tags\`: Unknown key "mach": did you mean "match"?
    - Line 3, column 5: Unknown key "mach": did you mean "match"?

    **Next:** mend \`.github/sluice.yaml\`; Sluice goes on as soon as it is valid on the default branch."
  `);
});

it("gives GitHub no more than it takes", () => {
  const problems = Array.from({ length: 3000 }, (_, line) => ({ ...problem, line: line + 1 }));
  const { annotations, summary } = renderPolicyCheck({ problems });
  expect(annotations).toHaveLength(50);
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(65_535);
});

it("names values files that are left alone", () => {
  const rendered = renderTargetProblemsCheck({
    absent: [],
    problems: [
      {
        file: "tenants/a|b/dev.yaml",
        sentence: "tenants/a|b/dev.yaml is not valid YAML; mend the file.",
      },
    ],
  });
  expect(rendered).toMatchObject({
    conclusion: "action_required",
    title: "1 values file that Sluice does not touch",
    annotations: [{ path: "tenants/a|b/dev.yaml", line: 1, level: "warning" }],
  });
  expect(rendered.summary).toMatchInlineSnapshot(`
    "These tenants stay where they are, and their rings are not verified without them. All others go on.

    - \`tenants/a¦b/dev.yaml\`: tenants/a\\|b/dev.yaml is not valid YAML; mend the file.

    **Next:** mend these files on the default branch."
  `);
  expect(renderTargetProblemsCheck({ problems: [], absent: [] }).conclusion).toBe("success");
});

it("lists files that a service is not in", () => {
  const values = { file: "tenants/{tenant}/{environment}.yaml", tag: "worker.tag" };
  const files = Array.from({ length: 22 }, (_, index) => `tenants/t${index}/dev.yaml`);
  const one = { service: "worker", values, files: files.slice(0, 1) };
  const some = renderTargetProblemsCheck({ problems: [], absent: [{ ...one, anywhere: true }] });
  expect(some.conclusion).toBe("success");
  expect(some.summary).toContain(
    "No targets of `worker`, without `worker.tag`: `tenants/t0/dev.yaml`.",
  );
  const none = renderTargetProblemsCheck({
    problems: [],
    absent: [
      { ...one, files, anywhere: false },
      { ...one, service: "api", files: [], anywhere: false },
    ],
  });
  expect(none).toMatchObject({ conclusion: "neutral", title: "No tenant has worker" });
  expect(none.summary).toContain("`tenants/t19/dev.yaml` and 2 more.");
  expect(none.summary).toContain(
    "No targets of `api`: no file matches `tenants/{tenant}/{environment}.yaml`.",
  );
  expect(none.summary).toContain("**Next:** where that is not meant, correct `values`");
});

it("says that a job was given up, and how to start it again", () => {
  expect(renderFailedJobCheck({ reason: "Error: no @mention", jobId: "reconcile/7" }))
    .toMatchInlineSnapshot(`
      {
        "conclusion": "action_required",
        "status": "completed",
        "summary": "A job failed three times and was put aside: Error: no @​mention

      **Next:** whoever runs Sluice looks at it with \`npm run jobs -- show reconcile/7\` and starts it again with \`npm run jobs -- replay reconcile/7\`. It is tried again by itself with the next event or sweep.",
        "text": "",
        "title": "Sluice gave up: Error: no @mention",
      }
    `);
});
