import { graphqlRoutes } from "../graphql/route.ts";
import type { Route } from "../http/context.ts";
import { actionRoutes } from "./actions.ts";
import { appRoutes } from "./app.ts";
import { attestationRoutes } from "./attestations.ts";
import { branchRuleRoutes } from "./branch-rules.ts";
import { branchRoutes } from "./branches.ts";
import { checkRoutes } from "./checks.ts";
import { commentRoutes } from "./comments.ts";
import { commitRoutes } from "./commits.ts";
import { contentRoutes } from "./contents.ts";
import { deploymentRoutes } from "./deployments.ts";
import { fileWriteRoutes } from "./file-writes.ts";
import { gitObjectRoutes } from "./git-objects.ts";
import { gitRefRoutes } from "./git-refs.ts";
import { hookDeliveryRoutes } from "./hook-deliveries.ts";
import { issueLockRoutes } from "./issue-locks.ts";
import { issueRoutes } from "./issues.ts";
import { peopleRoutes } from "./people.ts";
import { pullMergeRoutes } from "./pull-merge.ts";
import { pullRoutes } from "./pulls.ts";
import { statusRoutes } from "./statuses.ts";

/** Every route of the API. */
export const allRoutes: Route[] = [
  ...appRoutes,
  ...hookDeliveryRoutes,
  ...peopleRoutes,
  ...gitRefRoutes,
  ...gitObjectRoutes,
  ...commitRoutes,
  ...contentRoutes,
  ...fileWriteRoutes,
  ...branchRoutes,
  ...branchRuleRoutes,
  ...pullRoutes,
  ...pullMergeRoutes,
  ...issueRoutes,
  ...issueLockRoutes,
  ...commentRoutes,
  ...checkRoutes,
  ...statusRoutes,
  ...deploymentRoutes,
  ...attestationRoutes,
  ...actionRoutes,
  ...graphqlRoutes,
];
